// Tests the link checker on pages in memory.
import { describe, expect, it } from 'vitest';
import { externalLinks, linkProblems } from '../links.mjs';

function problemsOf(
  pages: Readonly<Record<string, string>>,
  ...others: readonly string[]
): readonly string[] {
  return linkProblems([...Object.keys(pages), ...others], (file) => pages[file] ?? '');
}

describe('linkProblems', () => {
  it('accepts links to existing files, folders and anchors', () => {
    const text = [
      '# A title, with `code()` and [a link](docs/b.md)',
      '## Twice',
      '## Twice',
      '[own](#a-title-with-code-and-a-link) [second](#twice-1) [folder](docs) [folder](docs/) [file](src/a%20b.ts)',
      '![picture](p.png) <a id="row"></a> [row](#row) [page](docs/b.md#here) <https://example.org> [mail](mailto:a@b.c)',
      '`[in code](gone.md)`',
      '```\n[in a block](gone.md)\n```',
      'A footnote[^one].\n\n[^one]: of its own',
    ].join('\n\n');
    expect(problemsOf({ 'README.md': text, 'docs/b.md': '# Here' }, 'src/a b.ts', 'p.png')).toEqual([]);
  });

  it.each([
    ['[x](gone.md)', 'gone.md does not exist'],
    ['[x](docs/b.md#gone)', 'docs/b.md#gone has no such anchor'],
    ['[x](#gone)', '#gone has no such anchor'],
    ['[x][ref]\n\n[ref]: gone.md', 'gone.md does not exist'],
    ['![x](gone.png)', 'gone.png does not exist'],
    ['<img src="gone.png">', 'gone.png does not exist'],
    ['[x](../other/README.md)', '../other/README.md leads outside of the published files'],
    ['[x](/docs/b.md)', '/docs/b.md starts with a slash: make it relative to the file'],
    ['[x](Docs/b.md)', 'Docs/b.md does not exist'],
  ])('refuses %j', (text, problem) => {
    expect(problemsOf({ 'README.md': text, 'docs/b.md': '# Here' })).toEqual([`README.md: ${problem}`]);
  });
});

it('externalLinks lists absolute links', () => {
  const text = '[a](https://example.org/a#b) [c](c.md) <https://example.org/d>';
  expect(externalLinks(['README.md', 'c.ts'], () => text)).toEqual([
    { file: 'README.md', href: 'https://example.org/a#b' },
    { file: 'README.md', href: 'https://example.org/d' },
  ]);
});
