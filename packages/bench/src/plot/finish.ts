// Finishes what Vega drew: a name and a description for screen readers, and colours that follow a dark page.
import { dark, light } from './palette.ts';

/** The title and the description of a picture, for screen readers. */
export interface Described {
  readonly title: string;
  readonly description: string;
}

/** The SVG with `<title>`, `<desc>` and a style for dark pages. @param svg as Vega gives it */
export function finished(svg: string, { title, description }: Described): string {
  const end = svg.indexOf('>');
  const head = [
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(description)}</desc>`,
    `<style>@media (prefers-color-scheme: dark) {${darkRules()}}</style>`,
  ].join('');
  return `${svg.slice(0, end)} role="img" aria-labelledby="title desc">${head}${svg.slice(end + 1)}\n`;
}

/** Vega writes colours as attributes, which rules of a style replace. */
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

/** Text from outside as XML can hold it: without controls and halves of surrogate pairs. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]/gu, '\uFFFD');
}
