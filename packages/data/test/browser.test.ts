// Checks that no module that browser.ts imports, directly or indirectly, needs Node.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { expect, test } from 'vitest';

/** Returns the specifiers that `source` imports or re-exports from, including types. */
function specifiers(source: string): string[] {
  return Array.from(
    source.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()'([^'\n]+)'/g),
    ([, specifier = '']) => specifier,
  );
}

test('browser.ts imports no Node module and no package but core, directly or indirectly', async () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const pending = [new URL('../src/browser.ts', import.meta.url)];
  for (let url = pending.pop(); url; url = pending.pop()) {
    if (seen.has(url.href)) continue;
    seen.add(url.href);
    for (const specifier of specifiers(await readFile(url, 'utf8'))) {
      if (specifier.startsWith('.')) pending.push(new URL(specifier, url));
      else packages.add(specifier);
    }
  }
  const files = Array.from(seen, (href) => basename(href)).toSorted();
  expect(files).toEqual([
    'affine.ts',
    'augmented.ts',
    'browser.ts',
    'colours.ts',
    'cutout.ts',
    'dataset.ts',
    'draws.ts',
    'exact.ts',
    'fashionMnist.ts',
    'idx.ts',
    'imageShape.ts',
    'jitter.ts',
    'mixup.ts',
    'move.ts',
    'normalization.ts',
    'normalized.ts',
    'options.ts',
    'parse.ts',
    'pixels.ts',
    'placement.ts',
    'preprocessing.ts',
    'resample.ts',
    'resize.ts',
  ]);
  expect([...packages]).toEqual(['@isonet/core']);
});

test('the search finds imports of packages and of Node modules', async () => {
  const source = await readFile(new URL('../src/picture/loadSharp.ts', import.meta.url), 'utf8');
  expect(specifiers(source)).toContain('sharp');
  expect(specifiers(await readFile(new URL('../src/idx/readIdx.ts', import.meta.url), 'utf8'))).toContain(
    'node:zlib',
  );
});
