// Tests that the harness opens a page with WebGPU and reports every kind of failure of a page.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Chromium } from '../chromium.mjs';
import { chromiumMissing, openChromium } from '../chromium.mjs';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Creates a folder with the given script in its page, and other files. */
async function folderOf(script: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'isonet-page-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const page = `<!doctype html><title>page</title><body><script type="module">${script}</script></body>`;
  for (const [name, text] of Object.entries({ 'index.html': page, ...files }))
    await writeFile(join(folder, name), text);
  return folder;
}

/** A script that doubles 1, 2 and 3 on the GPU. */
const doubling = `
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter.requestDevice();
  const module = device.createShaderModule({ code: \`
    @group(0) @binding(0) var<storage, read_write> x: array<f32>;
    @compute @workgroup_size(3) fn main(@builtin(local_invocation_index) i: u32) { x[i] = 2 * x[i]; }\` });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const buffer = device.createBuffer({ size: 12, usage: STORAGE | COPY_SRC | COPY_DST });
  device.queue.writeBuffer(buffer, 0, Float32Array.of(1, 2, 3));
  const layout = pipeline.getBindGroupLayout(0);
  const entries = [{ binding: 0, resource: { buffer } }];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  const result = device.createBuffer({ size: 12, usage: MAP_READ | COPY_DST });
  encoder.copyBufferToBuffer(buffer, 0, result, 0, 12);
  device.queue.submit([encoder.finish()]);
  await result.mapAsync(GPUMapMode.READ);
  return { architecture: adapter.info.architecture, values: [...new Float32Array(result.getMappedRange())] };
`;

describe('without a Chromium', () => {
  it('reports it in one line, with the variable that names one', async () => {
    vi.stubEnv('CHROMIUM', undefined);
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    const line =
      /^npm's @sparticuz\/chromium is built for linux x64, this is darwin \w+; set CHROMIUM to .+$/;
    expect(chromiumMissing()).toMatch(line);
    await expect(openChromium()).rejects.toThrow(line);
    vi.stubEnv('CHROMIUM', '/none');
    expect(chromiumMissing()).toBeUndefined();
    await expect(openChromium()).rejects.toThrow(/^CHROMIUM: no such file: \/none$/);
  });
});

describe.skipIf(chromiumMissing() !== undefined)('a page in Chromium', () => {
  let browser: Chromium;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  /** Opens a page with a script and waits for the value of `done`. */
  const visit = async (script: string, files = {}): Promise<unknown> =>
    browser.visit({ folder: await folderOf(script, files) }, ({ page }) => page.evaluate('done'));

  it('computes with WebGPU on SwiftShader', async () => {
    const done = await visit(`window.done = (async () => {${doubling}})();`);
    expect(done).toEqual({ architecture: 'swiftshader', values: [2, 4, 6] });
  });

  it('collects the messages of the page, and takes a screenshot', async () => {
    const folder = await folderOf('console.log("a", 1); console.warn("b");');
    const [screenshot, messages] = await browser.visit({ folder }, async (open) => [
      await open.page.screenshot(),
      open.messages,
    ]);
    expect(messages).toEqual(['log: a 1', 'warning: b']);
    expect(screenshot.subarray(1, 4).toString()).toBe('PNG');
  });

  it.each([
    ['throws', 'throw new RangeError("wrong");', /: RangeError: wrong$/],
    ['rejects', 'void Promise.reject(new Error("wrong")); window.done = 1;', /: Error: wrong$/],
    [
      'throws while the test waits',
      'setTimeout(() => { throw new Error("late"); }); window.done = new Promise(() => {});',
      /: Error: late$/,
    ],
    ['prints an error', 'console.error("bad", 1); window.done = 1;', /: printed: bad 1$/],
    ['imports a missing file', 'import "./none.js";', /none\.js does not load: status 404$/],
    [
      'throws in a worker',
      'new Worker("worker.js"); window.done = new Promise(() => {});',
      /: Error: in the worker$/,
    ],
  ])('fails if it %s', async (_, script, message) => {
    const files = { 'worker.js': 'throw new Error("in the worker");' };
    await expect(visit(script, files)).rejects.toThrow(message);
  });

  it('fails if it takes too long', async () => {
    const folder = await folderOf('window.done = new Promise(() => {});');
    const endless = browser.visit({ folder }, ({ page }) => page.evaluate('done'), { timeoutMs: 300 });
    await expect(endless).rejects.toThrow(/: not done after 0\.3 s$/);
  });

  it('shares nothing with another open page', async () => {
    const script = 'window.done = localStorage.length; localStorage.setItem("a", "b");';
    expect(await Promise.all([visit(script), visit(script)])).toEqual([0, 0]);
  });
});
