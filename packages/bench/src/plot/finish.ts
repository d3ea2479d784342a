// Completes Vega's SVG with a title and a description for screen readers, and with colours for dark pages.
import { dark, light } from './palette.ts';

/** The title and the description of a plot, for screen readers. */
export interface Described {
  readonly title: string;
  readonly description: string;
}

/** Adds `<title>`, `<desc>` and a style for dark pages. @param svg the output of Vega */
export function finished(svg: string, { title, description }: Described): string {
  const end = svg.indexOf('>');
  const head = [
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(description)}</desc>`,
    `<style>@media (prefers-color-scheme: dark) {${darkRules()}}</style>`,
  ].join('');
  return `${svg.slice(0, end)} role="img" aria-labelledby="title desc">${head}${svg.slice(end + 1)}\n`;
}

/** Returns style rules for dark pages. They override the colours that Vega writes as attributes. */
function darkRules(): string {
  const names = ['page', 'text', 'quiet', 'grid'] as const;
  return names
    .flatMap((name) =>
      ['fill', 'stroke'].map((attribute) => `[${attribute}="${light[name]}"]{${attribute}:${dark[name]}}`),
    )
    .join('');
}

function escaped(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Replaces the characters of an external text that XML does not allow: control characters and unpaired surrogates. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]/gu, '\uFFFD');
}
