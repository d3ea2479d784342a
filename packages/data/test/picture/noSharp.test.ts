// Tests decoding without sharp, the optional peer.
import { readFile } from 'node:fs/promises';
import { decodeImage } from '@isonet/data';
import { expect, test, vi } from 'vitest';
import { dataError } from '../helpers.ts';

vi.mock('sharp', () => {
  throw new Error('not installed');
});

test('one line names the package to install, with the version in the manifest', async () => {
  const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly peerDependencies: { readonly sharp: string };
    readonly devDependencies: { readonly sharp: string };
  };
  const { sharp: tested } = manifest.devDependencies;
  expect(manifest.peerDependencies.sharp).toBe(`^${tested}`);
  const error = await dataError(() => decodeImage(new Uint8Array(), [1, 4, 4], 'a.png'));
  expect(error).toMatch(
    /^DECODER_MISSING: image "a\.png": to decode images, install sharp: npm install sharp@(\S+) \(.+\)$/,
  );
  expect(error).toContain(` sharp@${tested} `);
});

test('an invalid shape is rejected before sharp is loaded', async () => {
  expect(await dataError(() => decodeImage(new Uint8Array(), [2, 4, 4], 'a.png'))).toMatch(
    /^PREPROCESSING: /,
  );
});
