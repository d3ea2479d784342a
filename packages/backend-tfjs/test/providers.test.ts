// Which providers are found, and what is said about those that are not. The Node packages of TensorFlow.js are played by
// folders: the real ones bring a library of hundreds of megabytes.
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend, Probe } from '@isonet/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tfjs } from '../src/index.ts';
import { binding, install, library, planId } from './fakePackage.ts';

const home = process.cwd();
let project: string;

beforeEach(async () => {
  project = await realpath(await mkdtemp(join(tmpdir(), 'isonet-tfjs-')));
  process.chdir(project);
  vi.stubEnv('XDG_CACHE_HOME', project); // What the user has installed there is not what is tested.
  vi.stubEnv('ISONET_TENSORFLOW', undefined);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  process.chdir(home);
  await rm(project, { recursive: true });
});

/**
 * The backend as in a new process: it remembers which library it has loaded.
 * @param driver whether it is to find NVIDIA's driver
 */
async function fresh(driver = false): Promise<Backend> {
  vi.resetModules();
  vi.doMock(import('../src/providers/machine.ts'), async (original) => ({
    ...(await original()),
    driverIsThere: () => driver,
  }));
  return (await import('../src/index.ts')).tfjs;
}

function idsOf(probe: Probe): readonly string[] {
  return probe.ok ? probe.devices.map(({ id }) => id) : [];
}

describe('where nothing is installed', () => {
  it('probes without loading TensorFlow.js', async () => {
    expect(idsOf(await tfjs.probe()).slice(-2)).toEqual(['wasm', 'cpu']);
    expect('_tfengine' in globalThis).toBe(false);
  });

  it('opens wasm, and leaves no listener on the process', async () => {
    const events = ['uncaughtException', 'unhandledRejection'] as const;
    const before = events.map((event) => process.listenerCount(event));
    const device = await (await fresh()).open({ device: 'wasm' });
    expect('_tfengine' in globalThis).toBe(true);
    expect(device.info).toMatchObject({ id: 'wasm', kind: 'cpu' });
    expect(device.info.text).toMatch(/^TensorFlow\.js 4\.22\.0 on WebAssembly with SIMD, 1 thread$/);
    expect(events.map((event) => process.listenerCount(event))).toEqual(before);
  });

  it('says which devices there may be when it is asked for another', async () => {
    await expect(tfjs.open({ device: 'gpu' })).rejects.toThrow(
      'tfjs: no device "gpu"; there may be "cuda", "tensorflow", "wasm", "cpu"',
    );
  });
});

/** Then the real one is found before those that are made here. */
const installed = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'].some((name) => {
  try {
    return createRequire(import.meta.url).resolve(name) !== '';
  } catch {
    return false;
  }
});

describe.skipIf(installed)('a Node package', () => {
  it('that is missing is named, with what to install', async () => {
    const backend = await fresh();
    expect(idsOf(await backend.probe())).toEqual(['wasm', 'cpu']);
    await expect(backend.open({ device: 'cuda' })).rejects.toThrow(
      'tfjs: "cuda" needs the package @tensorflow/tfjs-node-gpu, which is not installed; ' +
        'npx -p @isonet/backend-tfjs isonet-tensorflow --cuda',
    );
    await expect(backend.open({ device: 'tensorflow' })).rejects.toMatchObject({
      code: 'NOT_INSTALLED',
      message:
        'tfjs: "tensorflow" needs the package @tensorflow/tfjs-node, which is not installed; ' +
        'npx -p @isonet/backend-tfjs isonet-tensorflow',
    });
    expect((await backend.open()).info.id).toBe('wasm');
  });

  it('that is missing is listed as absent, for the GPU only once there is a driver', async () => {
    const tensorflow = {
      id: 'tensorflow',
      reason: 'it needs the package @tensorflow/tfjs-node, which is not installed',
      fix: 'npx -p @isonet/backend-tfjs isonet-tensorflow',
    };
    expect(await (await fresh()).probe()).toMatchObject({
      absent: [
        { id: 'cuda', reason: 'it needs an NVIDIA GPU, and there is no NVIDIA driver here' },
        tensorflow,
      ],
    });
    expect(await (await fresh(true)).probe()).toMatchObject({
      absent: [
        {
          id: 'cuda',
          reason: 'it needs the package @tensorflow/tfjs-node-gpu, which is not installed',
          fix: 'npx -p @isonet/backend-tfjs isonet-tensorflow --cuda',
        },
        tensorflow,
      ],
    });
  });

  it('without its native binding is not there, and says how to get it', async () => {
    await install('@tensorflow/tfjs-node', { 'dist/index.js': 'throw new Error("not to be loaded")' });
    const backend = await fresh();
    expect(idsOf(await backend.probe())).toEqual(['wasm', 'cpu']);
    await expect(backend.open({ device: 'tensorflow' })).rejects.toMatchObject({
      code: 'NO_BINDING',
      message:
        'tfjs: "tensorflow" needs the native binding of @tensorflow/tfjs-node, which was not built ' +
        '(its install script did not run, or its download failed); npx -p @isonet/backend-tfjs isonet-tensorflow',
    });
  });

  it('whose library does not load gives the reason in one line, and leaves its place to the next', async () => {
    const entry =
      'throw new Error("libtensorflow.so.2: cannot open shared object file\\nRequire stack: ...")';
    await install('@tensorflow/tfjs-node', { ...binding, 'dist/index.js': entry });
    const backend = await fresh();
    await expect(backend.open({ device: 'tensorflow' })).rejects.toThrow(
      'tfjs: @tensorflow/tfjs-node does not load: libtensorflow.so.2: cannot open shared object file; ' +
        'npm uninstall @tensorflow/tfjs-node, then npx -p @isonet/backend-tfjs isonet-tensorflow',
    );
    expect((await backend.open()).info.id).toBe('wasm');
  });

  it("in the user's cache is found where the project's has no binding", async () => {
    await install('@tensorflow/tfjs-node', { 'dist/index.js': 'throw new Error("not to be loaded")' });
    const kept = join(project, 'isonet/tensorflow-2.18.1-cpu');
    await install('@tensorflow/tfjs-node', library(false), kept);
    const backend = await fresh();
    expect(idsOf(await backend.probe())).toEqual(['tensorflow', 'wasm', 'cpu']);
    expect((await backend.open()).info.id).toBe('tensorflow');
  });

  it("in the user's cache that does not load is named by its folder", async () => {
    const kept = join(project, 'isonet/tensorflow-2.18.1-cpu');
    await install(
      '@tensorflow/tfjs-node',
      { ...binding, 'dist/index.js': 'throw new Error("no AVX")' },
      kept,
    );
    await expect((await fresh()).open({ device: 'tensorflow' })).rejects.toThrow(
      `does not load: no AVX; remove ${kept}, then npx -p @isonet/backend-tfjs isonet-tensorflow`,
    );
  });

  it('is looked for in the folder that ISONET_TENSORFLOW names, and nowhere else', async () => {
    await install('@tensorflow/tfjs-node', library(false));
    const named = join(project, 'named');
    vi.stubEnv('ISONET_TENSORFLOW', named);
    const backend = await fresh();
    // Not the one of the project around it, either.
    expect(idsOf(await backend.probe())).toEqual(['wasm', 'cpu']);
    await expect(backend.open({ device: 'tensorflow' })).rejects.toThrow(
      `which is not in ${named}, the folder that ISONET_TENSORFLOW names; ` +
        `npx -p @isonet/backend-tfjs isonet-tensorflow, or unset ISONET_TENSORFLOW`,
    );
    await install('@tensorflow/tfjs-node', library(false), named);
    expect((await backend.open()).info.id).toBe('tensorflow');
  });

  it('of the project in the working directory is found, and preferred to wasm', async () => {
    await install('@tensorflow/tfjs-node', library(false));
    const backend = await fresh();
    expect(idsOf(await backend.probe())).toEqual(['tensorflow', 'wasm', 'cpu']);
    const { info, numerics } = await backend.open();
    expect(info).toMatchObject({ id: 'tensorflow', kind: 'cpu' });
    expect(info.text).toMatch(/^TensorFlow 2\.9\.1 on the cpu, \d+ threads \(@tensorflow\/tfjs-node\)$/);
    expect(numerics.float32.reproducible).toBe(true);
  });

  it('for the GPU that finds one is the fastest', async () => {
    await install('@tensorflow/tfjs-node-gpu', library(true));
    const backend = await fresh(true);
    expect(idsOf(await backend.probe())).toEqual(['cuda', 'tensorflow', 'wasm', 'cpu']);
    expect((await backend.open()).info).toMatchObject({ id: 'cuda', kind: 'gpu' });
    await expect(backend.open({ device: 'tensorflow' })).rejects.toMatchObject({ code: 'GPU_IN_USE' });
    expect(idsOf(await backend.probe())).toEqual(['cuda', 'wasm', 'cpu']);
  });

  it.each([
    [false, 'there is no NVIDIA driver here'],
    [
      true,
      'driver, CUDA and cuDNN must fit TensorFlow 2.9.1: npx -p @isonet/backend-tfjs isonet-tensorflow --cuda brings',
    ],
  ])('for the GPU that finds none never passes for it, with a driver: %s', async (driver, reason) => {
    await install('@tensorflow/tfjs-node-gpu', library(false));
    const backend = await fresh(driver);
    expect(idsOf(await backend.probe()).includes('cuda')).toBe(driver);
    await expect(backend.open({ device: 'cuda' })).rejects.toMatchObject({
      code: 'NO_GPU',
      message: expect.stringContaining(
        `tfjs: @tensorflow/tfjs-node-gpu finds no GPU that it can use (${reason}`,
      ) as unknown,
    });
    expect(idsOf(await backend.probe())).toEqual(['tensorflow', 'wasm', 'cpu']);
    const { info } = await backend.open();
    expect(info).toMatchObject({ id: 'tensorflow', kind: 'cpu' });
    expect(info.text).toContain('@tensorflow/tfjs-node-gpu, which found no GPU');
  });

  it('is loaded alone: a second one needs a process of its own', async () => {
    await install('@tensorflow/tfjs-node', library(false));
    await install('@tensorflow/tfjs-node-gpu', library(true));
    const backend = await fresh();
    await backend.open({ device: 'tensorflow' });
    await expect(backend.open({ device: 'cuda' })).rejects.toThrow(
      'tfjs: this process has loaded @tensorflow/tfjs-node; "cuda" needs @tensorflow/tfjs-node-gpu',
    );
  });

  it('takes its threads from the option, once per process, and they are part of the plan', async () => {
    await install('@tensorflow/tfjs-node', library(false));
    vi.stubEnv('TF_NUM_INTRAOP_THREADS', '5');
    const backend = await fresh();
    const three = await backend.open({ threads: 3 });
    expect(three.info.text).toContain('3 threads');
    expect(process.env['TF_NUM_INTRAOP_THREADS']).toBe('3');
    expect(process.env['NVIDIA_TF32_OVERRIDE']).toBe('0');
    await expect(backend.open({ threads: 4 })).rejects.toMatchObject({
      code: 'OPTION',
      message:
        'tfjs: this process has loaded TensorFlow with threads: 3; ' +
        '"tensorflow" with threads: 4 needs a process of its own',
    });
    expect((await backend.open({ threads: 3 })).info.id).toBe('tensorflow');
    await expect(backend.open({ device: 'tensorflow', tf32: true })).rejects.toMatchObject({
      code: 'OPTION',
    });
    vi.stubEnv('TF_NUM_INTRAOP_THREADS', '5');
    const five = await (await fresh()).open();
    expect(five.info.text).toContain('5 threads');
    expect(await planId(five)).not.toBe(await planId(three));
    const said = await (await fresh()).open({ threads: 5, tf32: false });
    expect(await planId(said)).toBe(await planId(five));
  });

  it.each(['TF_ENABLE_WINOGRAD_NONFUSED', 'TF_ENABLE_ONEDNN_OPTS'])(
    'computes as %s says when it is loaded, which is part of the plan',
    async (name) => {
      await install('@tensorflow/tfjs-node', library(false));
      const ids: string[] = [];
      for (const value of ['0', '1', '1']) {
        vi.stubEnv(name, value);
        const device = await (await fresh()).open();
        expect(process.env[name]).toBe(value);
        vi.stubEnv(name, undefined); // The library has read it.
        ids.push(await planId(device));
      }
      expect(ids[1]).not.toBe(ids[0]);
      expect(ids[2]).toBe(ids[1]);
    },
  );

  it("for the GPU names NVIDIA's packages in its plans", async () => {
    const ids: string[] = [];
    for (const version of ['9.3.0.75', '9.4.0.58', '9.4.0.58']) {
      await rm(join(project, 'node_modules'), { recursive: true, force: true });
      const metadata = { [`deps/nvidia_cudnn_cu12-${version}.dist-info/METADATA`]: '' };
      await install('@tensorflow/tfjs-node-gpu', { ...library(true), ...metadata });
      ids.push(await planId(await (await fresh(true)).open({ device: 'cuda' })));
    }
    expect(ids[1]).not.toBe(ids[0]);
    expect(ids[2]).toBe(ids[1]);
  });

  it('for the GPU rounds to TF32 when that is asked for, once per process', async () => {
    await install('@tensorflow/tfjs-node-gpu', library(true));
    vi.stubEnv('NVIDIA_TF32_OVERRIDE', undefined);
    const backend = await fresh();
    expect((await backend.open({ tf32: true })).info.id).toBe('cuda');
    expect(process.env['NVIDIA_TF32_OVERRIDE']).toBeUndefined();
    await expect(backend.open({ device: 'cuda' })).rejects.toThrow(
      'tfjs: this process has loaded TensorFlow with tf32: true; "cuda" with tf32: false needs a process of its own',
    );
    await (await fresh()).open({ device: 'cuda' });
    expect(process.env['NVIDIA_TF32_OVERRIDE']).toBe('0');
  });
});
