// Text inside HTML.
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** As text of HTML. */
export function text(raw: string): string {
  return raw.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
