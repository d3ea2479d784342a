// Escapes text for HTML.

/** The ampersand comes first, because the other replacements contain one. */
const ESCAPES: readonly (readonly [character: string, escaped: string])[] = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
];

/** Escapes the characters that are special in HTML. */
export function text(raw: string): string {
  return ESCAPES.reduce((safe, [character, escaped]) => safe.replaceAll(character, escaped), raw);
}
