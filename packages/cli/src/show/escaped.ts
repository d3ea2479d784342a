// Escapes text for HTML.

/** The ampersand comes first, because the other replacements contain one. */
const ESCAPES: readonly (readonly [character: string, escaped: string])[] = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
];

/** The text with the characters escaped that HTML gives a meaning. */
export function text(raw: string): string {
  return ESCAPES.reduce((safe, [character, escaped]) => safe.replaceAll(character, escaped), raw);
}
