// Text inside HTML.

/** The ampersand comes first: the others bring more of them. */
const ESCAPES: readonly (readonly [character: string, escaped: string])[] = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
];

/** As text of HTML. */
export function text(raw: string): string {
  return ESCAPES.reduce((safe, [character, escaped]) => safe.replaceAll(character, escaped), raw);
}
