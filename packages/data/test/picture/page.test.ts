// Tests in headless Chromium that a page computes the same bytes as Node, from the same pixels and from files that both
// decode alike.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeImage, imageFromPixels, preprocessing } from '@isonet/data';
import { build } from 'esbuild';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Chromium } from '../../../../scripts/chromium.mjs';
import { chromiumMissing, openChromium } from '../../../../scripts/chromium.mjs';
import type { Page } from './page/page.ts';

const missing = chromiumMissing();
const note = missing === undefined ? '' : `: ${missing}`;

describe.skipIf(missing !== undefined)(`in a page${note}`, () => {
  let browser: Chromium;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isonet-page-'));
    await build({
      entryPoints: [fileURLToPath(new URL('page/page.ts', import.meta.url))],
      outfile: join(folder, 'page.js'),
      bundle: true,
      format: 'esm',
      conditions: process.env['TEST_BUILT'] === '1' ? [] : ['@isonet/source'],
      logLevel: 'silent',
    });
    await writeFile(
      join(folder, 'index.html'),
      '<!doctype html><title>images</title><link rel="icon" href="data:,"><script type="module" src="page.js"></script>',
    );
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  const ask = async <K extends keyof Page>(what: K, ...args: Parameters<Page[K]>): Promise<unknown> =>
    browser.visit({ folder }, async ({ page }) => {
      await page.waitForFunction('globalThis.page !== undefined');
      return page.evaluate(`globalThis.page.${what}(...${JSON.stringify(args)})`);
    });

  /** Noise, including alpha. */
  const noise = Array.from({ length: 4 * 50 * 31 }, (_, i) => Math.imul(i, 2654435761) >>> 24);

  test.each([
    preprocessing([3, 28, 20], { invert: true }),
    preprocessing([1, 12, 12], { resize: 17, background: 'white' }),
    preprocessing([1, 64, 64], { fit: 'fill' }),
  ])('pixels with transparency become the same bytes, for $shape, $fit', async (wanted) => {
    const expected = imageFromPixels({ width: 50, height: 31, data: Uint8Array.from(noise) }, wanted);
    expect(await ask('ofPixels', 50, 31, noise, wanted)).toEqual([...expected]);
  });

  test('an opaque PNG and a rotated JPEG become the same bytes', async () => {
    const opaque = Uint8Array.from(noise.filter((_, i) => i % 4 !== 3));
    const png = await sharp(opaque, { raw: { width: 50, height: 31, channels: 3 } })
      .png()
      .toBuffer();
    const jpeg = readFileSync(new URL('../fixtures/exif6.jpg', import.meta.url));
    const wanted = preprocessing([3, 28, 28]);
    for (const file of [png, jpeg]) {
      expect(await ask('ofFile', [...file], wanted)).toEqual([...(await decodeImage(file, wanted, 'x'))]);
    }
  });
});
