// Checks the files of the sample against the table in the README.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sampleFiles } from '@isonet/fashion-mnist-sample';
import { expect, test } from 'vitest';

const folder = new URL('../files/', import.meta.url);

/** Returns [file, digest] for each row of the README's table. */
async function listed(): Promise<[string, string][]> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  return Array.from(
    readme.matchAll(/^\| (\S+\.gz) +\|.*`([0-9a-f]{64})` +\|$/gm),
    ([, file = '', digest = '']) => [file, digest],
  );
}

test('the files match the digests in the README, and take less than 4 MB', async () => {
  const files = await listed();
  expect(files).toHaveLength(4);
  let bytes = 0;
  for (const [file, digest] of files) {
    const content = await readFile(new URL(file, folder));
    expect(createHash('sha256').update(gunzipSync(content)).digest('hex')).toBe(digest);
    bytes += (await stat(new URL(file, folder))).size;
  }
  expect(bytes).toBeLessThan(4_000_000);
});

test('the exported URLs point to the listed files', async () => {
  const urls = Object.values(sampleFiles);
  const files = (await listed()).map(([file]) => file);
  expect(urls.map(({ pathname }) => basename(pathname))).toEqual(files);
  for (const url of urls) expect((await stat(url)).isFile()).toBe(true);
});
