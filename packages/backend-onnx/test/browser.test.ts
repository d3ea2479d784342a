// Tests ONNX Runtime in a page, in headless Chromium: the suite on WebAssembly, the same bits as in Node, and training on WebGPU.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { checks, isWrong } from '@isonet/conformance';
import type { Check } from '@isonet/conformance';
import { digestOf, suiteOf } from '@isonet/conformance/vitest';
import type { Tensors } from '@isonet/core';
import { float32 } from '@isonet/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Chromium } from '../../../scripts/chromium.mjs';
import { chromiumMissing, openChromium } from '../../../scripts/chromium.mjs';
import type { BitsRecording } from '../../conformance/src/bits/recording.ts';
import { servePage } from '../../conformance/test/browser/serve.ts';
import type { Page, PageBits, PageOptions } from './browser/page.ts';

const missing = chromiumMissing();
const note = missing === undefined ? '' : `: ${missing}`;
const folder = '/ort/';
const serve = (): ReturnType<typeof servePage> =>
  servePage(new URL('browser/page.ts', import.meta.url), {
    '/ort': dirname(createRequire(import.meta.url).resolve('onnxruntime-web')),
  });
const recorded = JSON.parse(
  readFileSync(new URL('bits.wasm.json', import.meta.url), 'utf8'),
) as BitsRecording;

const suite = suiteOf(checks(), { subset: 'covering' }, process.env);

describe.skipIf(missing !== undefined)(`in a page${note}`, () => {
  let browser: Chromium;
  let server: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    [browser, server] = await Promise.all([openChromium(), serve()]);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** Calls a function of a new page. */
  const call = async <K extends keyof Page>(
    path: 'plain' | 'isolated',
    name: K,
    ...args: Parameters<Page[K]>
  ): Promise<Awaited<ReturnType<Page[K]>>> => {
    const result: unknown = await browser.visit(
      { url: `${server.url}/${path}` },
      async ({ page }) => {
        await page.waitForFunction('globalThis.page !== undefined');
        return await page.evaluate(`globalThis.page.${name}(...${JSON.stringify(args)})`);
      },
      { timeoutMs: 280_000 },
    );
    return result as Awaited<ReturnType<Page[K]>>;
  };

  const failing = async (options: PageOptions, chosen: readonly Pick<Check, 'key'>[]): Promise<unknown> => {
    const outcomes = await call(
      'plain',
      'conform',
      options,
      chosen.map(({ key }) => key),
    );
    expect(outcomes).toHaveLength(chosen.length);
    expect(outcomes.filter(({ status }) => status === 'passed').length).toBeGreaterThan(chosen.length / 2);
    return outcomes.filter(({ status }) => isWrong(status));
  };

  test('the page lists wasm and the WebGPU adapter, but no Node devices', async () => {
    expect(await call('plain', 'probe')).toEqual({
      ok: true,
      devices: [
        { id: 'wasm', kind: 'cpu', text: 'ONNX Runtime 1.30.0 in WebAssembly with SIMD, 1 thread' },
        {
          id: 'webgpu',
          kind: 'software',
          text: "ONNX Runtime 1.30.0's own WebGPU provider on google swiftshader; experimental",
        },
      ],
      absent: [],
    });
  });

  test(`wasm passes the suite${suite.note}`, { timeout: 300_000 }, async () => {
    expect(await failing({ folder }, suite.checks)).toEqual([]);
  });

  test('wasm computes the same bits as in Node, under the same id', async () => {
    const { id, losses, bytes } = await call('plain', 'bits', { folder });
    expect(losses).toEqual(recorded.losses);
    expect({ id, digest: digestOf(tensorsOf(bytes)) }).toEqual({ id: recorded.id, digest: recorded.digest });
  });

  test('threads work in an isolated page that names the folder', async () => {
    const twoThreads = { device: 'wasm', threads: 2 };
    expect(await call('isolated', 'open', { ...twoThreads, folder: 'ort' })).toBe(
      'ONNX Runtime 1.30.0 in WebAssembly with SIMD, 2 threads',
    );
    expect(await call('isolated', 'open', twoThreads)).toBe(
      'onnx "wasm": threads: expected 1, got 2: each thread starts from a file of onnxruntime-web, which bundles do not contain; serve the files of onnxruntime-web and pass their folder: onnxFrom(folder)',
    );
    expect(await call('plain', 'open', { ...twoThreads, folder })).toBe(
      'onnx "wasm": threads: expected 1, got 2: this page is not cross-origin isolated, so its threads cannot share memory; serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
    );
  });

  test('webgpu computes gradients of convolutions and max pooling, for which the provider lacks correct operators', async () => {
    const selected = [
      'argMax/channels',
      'conv2d/2x2-even-kernel',
      'conv2d/depthwise-multiplier-2-stride-2',
      'maxPool2dGrad/3x3-stride-2',
    ].map((key) => ({ key }));
    expect(await failing({ device: 'webgpu', folder }, selected)).toEqual([]);
  });

  test.skipIf(process.env['ISONET_TEST_ALL'] !== '1')(
    'webgpu trains: the losses of five steps equal those of wasm, within rounding',
    { timeout: 300_000 },
    async () => {
      const { losses } = await call('plain', 'bits', { device: 'webgpu', folder });
      const apart = losses.map((loss, i) => Math.abs(loss / (recorded.losses[i] ?? Number.NaN) - 1));
      expect(Math.max(...apart)).toBeLessThan(1e-4);
    },
  );
});

/** Converts bytes to tensors for {@link digestOf}, which reads only their bytes. */
function tensorsOf(bytes: PageBits['bytes']): Tensors {
  return Object.fromEntries(
    Object.entries(bytes).map(([name, list]) => {
      const data = new Float32Array(Uint8Array.from(list).buffer);
      return [name, float32([data.length], data)];
    }),
  );
}
