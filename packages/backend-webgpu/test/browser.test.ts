// Tests that a browser bundle of this package is one file that needs no Node modules. A worker's bundle must be a single chunk, so
// nothing in it may be imported on demand.
import { readFile } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import * as browser from '../src/adapters/browser.ts';
import * as platform from '../src/adapters/platform.ts';

const src = new URL('../src/', import.meta.url);

/** Returns the imports of `source` other than types: static imports, and imports on demand. */
function specifiers(source: string): string[] {
  const found = source.matchAll(/^(?:import|export) (?!type)[^;]*?from '([^']+)'|\bimport\('([^']+)'\)/gm);
  return Array.from(found, ([, declared, demanded = '']) => declared ?? `on demand: ${demanded}`);
}

/** Returns the files of this package that `entry` reaches, and everything else that they import. */
async function reached(
  entry: string,
  replaced: Readonly<Record<string, string>>,
): Promise<{ readonly files: ReadonlySet<string>; readonly others: ReadonlySet<string> }> {
  const files = new Set<string>();
  const others = new Set<string>();
  const pending = [new URL(entry, src)];
  for (let url = pending.pop(); url; url = pending.pop()) {
    const file = url.href.slice(src.href.length);
    if (files.has(file)) continue;
    files.add(file);
    for (const specifier of specifiers(await readFile(url, 'utf8'))) {
      if (!specifier.startsWith('.')) others.add(specifier);
      else {
        const target = new URL(specifier, url);
        const name = target.href.slice(src.href.length);
        pending.push(new URL(replaced[name] ?? name, src));
      }
    }
  }
  return { files, others };
}

test('a browser bundle reaches no Node module, and imports nothing on demand', async () => {
  const manifest = JSON.parse(await readFile(new URL('../package.json', src), 'utf8')) as {
    readonly browser: Readonly<Record<string, string>>;
  };
  const asSource = (path: string): string => path.replace('./dist/', '').replace(/\.js$/, '.ts');
  const replaced: Record<string, string> = {};
  for (const [from, to] of Object.entries(manifest.browser)) replaced[asSource(from)] = asSource(to);
  const { files, others } = await reached('index.ts', replaced);
  expect([...others]).toEqual(['@isonet/core']);
  expect(files).toContain('adapters/browser.ts');
  expect(files).not.toContain('adapters/platform.ts');
});

test('the search finds Node modules and imports on demand', async () => {
  const { others } = await reached('adapters/platform.ts', {});
  expect(others).toContain('on demand: ./dawn.ts');
  expect((await reached('adapters/dawn.ts', {})).others).toContain('node:worker_threads');
});

test('browser.ts has the same exports as platform.ts', () => {
  expect(Object.keys(browser).toSorted()).toEqual(Object.keys(platform).toSorted());
});

test("a browser uses the navigator's WebGPU, or reports why there is none", async () => {
  vi.stubGlobal('navigator', { gpu: { requestAdapter: 1 } });
  expect(await browser.systemGpu()).toEqual({ requestAdapter: 1 });
  vi.stubGlobal('navigator', {});
  expect(await browser.systemGpu()).toMatchObject({ code: 'NO_WEBGPU' });
  vi.unstubAllGlobals();
  expect(await browser.findSoftware()).toMatchObject({ code: 'SOFTWARE_PLATFORM' });
});
