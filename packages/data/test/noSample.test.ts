// Tests loading Fashion-MNIST without the data and without the sample package.
import { join } from 'node:path';
import { loadFashionMnist, loadFashionMnistSample } from '@isonet/data';
import { expect, test, vi } from 'vitest';
import { dataError, tempFolder } from './helpers.ts';

vi.mock('@isonet/fashion-mnist-sample', () => {
  throw new Error('not installed');
});

test('one line names the package to install', async () => {
  const folder = await tempFolder();
  const options = { cacheFolder: join(folder, 'cache'), systemFolder: join(folder, 'system') };
  for (const load of [() => loadFashionMnist(options), loadFashionMnistSample]) {
    expect(await dataError(load)).toBe(
      'DATA_MISSING: Fashion-MNIST is not installed: npm install @isonet/fashion-mnist-sample for 9,000 of its images; ' +
        'for all 70,000 images: npx isonet data fetch fashion-mnist, or --data FOLDER with the four files',
    );
  }
});
