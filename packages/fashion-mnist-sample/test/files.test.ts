// The files of the sample are those that the README lists.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sampleFiles } from '@isonet/fashion-mnist-sample';
import { expect, test } from 'vitest';

const folder = new URL('../files/', import.meta.url);

/** [file, digest] of each row in the README's table. */
async function listed(): Promise<[string, string][]> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  return Array.from(
    readme.matchAll(/^\| (\S+\.gz) +\|.*`([0-9a-f]{64})` +\|$/gm),
    ([, file = '', digest = '']) => [file, digest],
  );
}

test('its files are those that the README lists, and fill less than 4 MB', async () => {
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

test('the addresses are those of the listed files', async () => {
  const addresses = Object.values(sampleFiles);
  const files = (await listed()).map(([file]) => file);
  expect(addresses.map(({ pathname }) => basename(pathname))).toEqual(files);
  for (const address of addresses) expect((await stat(address)).isFile()).toBe(true);
});
