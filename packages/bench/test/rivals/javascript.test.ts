// Tests the real rivals in JavaScript. Their packages are development dependencies of this package.
import { reference } from '@isonet/backend-reference';
import { nin } from '@isonet/models';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRival } from '../../src/rivals/index.ts';
import { courseOf, diverging, openRequest, ours } from './check.ts';
import { Driver } from './driver.ts';
import { expectedLogits, expectedLosses, optimizer, writeNaN, writeProblem } from './problem.ts';
import type { Problem } from './problem.ts';
import { tiny } from './tiny.ts';

let folder: string;
let problem: Problem;
let logits: ArrayLike<number>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isonet-javascript-'));
  problem = await writeProblem(folder, tiny, 2, 'step');
  await using device = await reference.open();
  logits = await expectedLogits(device, problem);
});
afterAll(() => rm(folder, { recursive: true }));

async function start(name: string, env?: NodeJS.ProcessEnv): Promise<Driver> {
  const found = await (await findRival(name, folder)).locate(folder);
  if (!('command' in found)) throw new Error(found.reason);
  return new Driver(found.command, env);
}

describe('tfjs-layers', () => {
  it('computes the same logits, on WebAssembly', async () => {
    await using rival = await start('tfjs-layers');
    const request = openRequest(problem, { device: 'wasm' });
    expect(await courseOf(rival, request, 0)).toEqual(ours({ logits, losses: [] }));
  });

  it.each([
    ['with weight decay', optimizer],
    ['with Nesterov momentum', { ...optimizer, nesterov: true }],
    ['without momentum', { ...optimizer, momentum: 0, weightDecay: 0 }],
  ])('trains as isonet does, %s', async (_, settings) => {
    await using device = await reference.open();
    await using rival = await start('tfjs-layers');
    const request = openRequest(problem, { work: 'step', device: 'cpu', optimizer: settings });
    const losses = await expectedLosses(device, problem, 3, settings);
    expect(await courseOf(rival, request, 3)).toEqual(ours({ logits, losses }));
  });

  it('refuses to train on WebAssembly, which lacks a kernel', async () => {
    await using rival = await start('tfjs-layers');
    expect(await rival.ask(openRequest(problem, { work: 'step', device: 'wasm' }))).toEqual({
      error:
        'tfjs-layers: its backend "wasm" has no kernel for Conv2DBackpropFilter, so it cannot train convolutions; ' +
        'npm install @tensorflow/tfjs-node@4.22.0, or measure the forward pass',
    });
  });
});

describe('jax-js', () => {
  it('computes the same logits, on WebAssembly', async () => {
    await using rival = await start('jax-js');
    expect(await courseOf(rival, openRequest(problem), 0)).toEqual(ours({ logits, losses: [] }));
  });

  it('rejects training, and devices that do not exist in Node', async () => {
    await using rival = await start('jax-js');
    expect(await rival.ask(openRequest(problem, { work: 'step' }))).toEqual({
      error: 'jax-js: training steps are not supported; measure the forward pass',
    });
    expect(await rival.ask(openRequest(problem, { device: 'webgpu' }))).toEqual({
      error: 'jax-js: device: expected one of wasm, cpu, got "webgpu"; the library has no other in Node',
    });
  });
});

// The software driver, if `isonet backends` has unpacked it.
const driver = join(homedir(), '.cache/isonet/swiftshader-153.0.0');

describe('onnx-webgpu', () => {
  it('explains what is missing without an adapter', async () => {
    await using rival = await start('onnx-webgpu', {
      ...process.env,
      VK_DRIVER_FILES: join(folder, 'none.json'),
    });
    const answer = await rival.ask(openRequest(problem));
    expect(answer).toHaveProperty('error');
    expect('error' in answer && answer.error).toMatch(/^onnx-webgpu: .*needs a GPU with a driver for WebGPU/);
  });

  it.skipIf(!existsSync(driver))(
    'computes the same logits on a software driver, if one is unpacked',
    async () => {
      const env = {
        ...process.env,
        VK_DRIVER_FILES: join(driver, 'vk_swiftshader_icd.json'),
        LD_LIBRARY_PATH: driver,
      };
      await using rival = await start('onnx-webgpu', env);
      expect(await courseOf(rival, openRequest(problem), 0)).toEqual(ours({ logits, losses: [] }));
    },
  );
});

describe('a rival in JavaScript', () => {
  it.each(['tfjs-layers', 'jax-js', 'onnx-webgpu'])('rejects TF32: %s', async (name) => {
    await using rival = await start(name);
    expect(await rival.ask(openRequest(problem, { tf32: true }))).toEqual({
      error: `${name}: TF32 is not supported; leave out --tf32, or this rival`,
    });
  });

  it('rejects values that are not finite', async () => {
    await using rival = await start('tfjs-layers');
    const request = openRequest(problem, { work: 'step', device: 'cpu', optimizer: diverging });
    await rival.get(request);
    expect(await rival.ask({ do: 'run', count: 3 })).toEqual({ error: 'the loss is not finite' });
    const weights = await writeNaN(folder, problem);
    await rival.get(openRequest(problem, { device: 'cpu', weights }));
    expect(await rival.ask({ do: 'check' })).toEqual({ error: 'the logits are not finite' });
  });

  it('ends with its input', async () => {
    await using rival = await start('tfjs-layers');
    await rival.get(openRequest(problem, { device: 'wasm' }));
    expect(await rival.end()).toBe(0);
  });

  it('does not fall back to WebAssembly if the named TensorFlow folder has no library', async () => {
    await using rival = await start('tfjs-layers', { ...process.env, ISONET_TENSORFLOW: folder });
    expect(await rival.ask(openRequest(problem))).toEqual({
      error:
        `tfjs-layers: ISONET_TENSORFLOW=${folder} has no @tensorflow/tfjs-node with its library; ` +
        `npx -p @isonet/backend-tfjs isonet-tensorflow, or unset ISONET_TENSORFLOW`,
    });
  });

  it('reports its threads', async () => {
    await using rival = await start('tfjs-layers');
    const { text } = await rival.get(openRequest(problem, { device: 'wasm' }));
    expect(text).toBe('TensorFlow.js 4.22.0, tf.layers, NHWC, wasm, 1 thread');
  });

  it('answers an invalid request with one line, and continues', async () => {
    await using rival = await start('tfjs-layers');
    expect(await rival.ask({ do: 'check' })).toEqual({ error: 'expected "open" first, got "check"' });
    expect(await rival.ask(openRequest(problem, { batch: 3, device: 'wasm' }))).toEqual({
      error: `${problem.files.data}: expected images float32 [3, C, H, W]`,
    });
    const other = await writeProblem(await mkdtemp(join(folder, 'nin-')), nin(), 1, 'step');
    const { weights } = problem.files;
    expect(await rival.ask(openRequest(other, { weights }))).toEqual({
      error: `${weights}: "nin1.c1.w" (float32 [24, 1, 3, 3]) is missing`,
    });
    expect(await courseOf(rival, openRequest(problem, { device: 'wasm' }), 0)).toEqual(
      ours({ logits, losses: [] }),
    );
  });
});
