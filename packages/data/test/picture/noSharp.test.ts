// Without sharp, the optional peer that decodes pictures.
import { readFile } from 'node:fs/promises';
import { decodeImage } from '@isonet/data';
import { expect, test, vi } from 'vitest';
import { dataError } from '../helpers.ts';

vi.mock('sharp', () => {
  throw new Error('not installed');
});

test('one line says what to install, in the version that the manifest names', async () => {
  const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly peerDependencies: { readonly sharp: string };
    readonly devDependencies: { readonly sharp: string };
  };
  const { sharp: tested } = manifest.devDependencies;
  expect(manifest.peerDependencies.sharp).toBe(`^${tested}`);
  const error = await dataError(() => decodeImage(new Uint8Array(), [1, 4, 4], 'a.png'));
  expect(error).toMatch(
    /^DECODER_MISSING: image "a\.png": to decode pictures, install sharp: npm install sharp@(\S+) \(.+\)$/,
  );
  expect(error).toContain(` sharp@${tested} `);
});

test('a shape that cannot be decoded to is refused before sharp is looked for', async () => {
  expect(await dataError(() => decodeImage(new Uint8Array(), [2, 4, 4], 'a.png'))).toMatch(
    /^PREPROCESSING: /,
  );
});
