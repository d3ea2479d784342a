// Tests that the software driver is unpacked once and completely, and never overwrites existing files.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findSoftware, unpackSoftware } from '../src/adapters/software.ts';

const found = findSoftware();
let cache = '';

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'isonet-software-'));
});
afterEach(() => rm(cache, { recursive: true }));

test('the driver is unpacked once, even by two concurrent calls', async ({ skip }) => {
  if ('reason' in found) {
    skip(found.reason);
    return;
  }
  const [files, again] = await Promise.all([unpackSoftware(found, cache), unpackSoftware(found, cache)]);
  expect(again).toEqual(files);
  expect(await readdir(join(cache, 'isonet'))).toEqual([`swiftshader-${found.version}`]);
  expect((await readdir(dirname(files.manifest))).toSorted()).toEqual([
    'libvk_swiftshader.so',
    'libvulkan.so.1',
    'vk_swiftshader_icd.json',
  ]);
  expect(await unpackSoftware({ ...found, archive: 'not needed again' }, cache)).toEqual(files);
});

test('an existing folder with other contents is left alone', async ({ skip }) => {
  if ('reason' in found) {
    skip(found.reason);
    return;
  }
  const folder = join(cache, 'isonet', `swiftshader-${found.version}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'mine'), 'kept');
  await expect(unpackSoftware(found, cache)).rejects.toThrow(/cannot unpack .+ into .+: .+ XDG_CACHE_HOME/);
  expect(await readdir(join(cache, 'isonet'))).toEqual([`swiftshader-${found.version}`]);
  expect(await readdir(folder)).toEqual(['mine']);
});

test.skipIf(process.platform === 'win32')(
  'the error for a user without a home folder names the fix',
  async () => {
    vi.stubEnv('XDG_CACHE_HOME', undefined);
    vi.stubEnv('HOME', '');
    await expect(unpackSoftware({ version: '0', archive: 'a.tar.br' })).rejects.toThrow(
      /^webgpu "software": there is no home folder to unpack a\.tar\.br into; set XDG_CACHE_HOME to a writable folder, e\.g\. XDG_CACHE_HOME=\/tmp\/cache$/,
    );
    vi.unstubAllEnvs();
  },
);

test('an archive that is broken or lacks the driver is rejected and leaves nothing behind', async () => {
  for (const bytes of [brotliCompressSync(Buffer.alloc(1024)), Buffer.from('not brotli')]) {
    const archive = join(cache, 'broken.tar.br');
    await writeFile(archive, bytes);
    await expect(unpackSoftware({ version: '0', archive }, cache)).rejects.toThrow(/cannot unpack/);
    expect(await readdir(join(cache, 'isonet'))).toEqual([]);
  }
});
