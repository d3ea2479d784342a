// Tests which providers are found, and the messages about missing ones. Folders with fakes replace the Node packages of
// TensorFlow.js, whose library takes hundreds of megabytes.
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
  vi.stubEnv('XDG_CACHE_HOME', project); // hides what the user has installed
  vi.stubEnv('ISONET_TENSORFLOW', undefined);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  process.chdir(home);
  await rm(project, { recursive: true });
});

/**
 * Imports the backend as in a new process, because it remembers which library it has loaded.
 * @param driver whether it finds NVIDIA's driver
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

describe('without any Node package', () => {
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

  it('names the known devices when another is requested', async () => {
    await expect(tfjs.open({ device: 'gpu' })).rejects.toThrow(
      'tfjs: unknown device "gpu"; expected one of "cuda", "tensorflow", "wasm", "cpu"',
    );
  });
});

/** Whether a real package is installed, which would be found before the fakes. */
const installed = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'].some((name) => {
  try {
    return createRequire(import.meta.url).resolve(name) !== '';
  } catch {
    return false;
  }
});

describe.skipIf(installed)('a Node package', () => {
  it('that is missing is named, with the command that installs it', async () => {
    const backend = await fresh();
    expect(idsOf(await backend.probe())).toEqual(['wasm', 'cpu']);
    await expect(backend.open({ device: 'cuda' })).rejects.toThrow(
      'tfjs: "cuda" needs the package @tensorflow/tfjs-node-gpu, which is not installed; ' +
        'run npx -p @isonet/backend-tfjs isonet-tensorflow --cuda',
    );
    await expect(backend.open({ device: 'tensorflow' })).rejects.toMatchObject({
      code: 'NOT_INSTALLED',
      message:
        'tfjs: "tensorflow" needs the package @tensorflow/tfjs-node, which is not installed; ' +
        'run npx -p @isonet/backend-tfjs isonet-tensorflow',
    });
    expect((await backend.open()).info.id).toBe('wasm');
  });

  it('that is missing is listed as absent; for the GPU, a missing driver is listed first', async () => {
    const tensorflow = {
      id: 'tensorflow',
      reason: 'it needs the package @tensorflow/tfjs-node, which is not installed',
      fix: 'run npx -p @isonet/backend-tfjs isonet-tensorflow',
    };
    expect(await (await fresh()).probe()).toMatchObject({
      absent: [
        { id: 'cuda', reason: 'it needs an NVIDIA GPU, but no NVIDIA driver is installed' },
        tensorflow,
      ],
    });
    expect(await (await fresh(true)).probe()).toMatchObject({
      absent: [
        {
          id: 'cuda',
          reason: 'it needs the package @tensorflow/tfjs-node-gpu, which is not installed',
          fix: 'run npx -p @isonet/backend-tfjs isonet-tensorflow --cuda',
        },
        tensorflow,
      ],
    });
  });

  it('without its native binding is not listed, and the error names the fix', async () => {
    await install('@tensorflow/tfjs-node', { 'dist/index.js': 'throw new Error("not to be loaded")' });
    const backend = await fresh();
    expect(idsOf(await backend.probe())).toEqual(['wasm', 'cpu']);
    await expect(backend.open({ device: 'tensorflow' })).rejects.toMatchObject({
      code: 'NO_BINDING',
      message:
        'tfjs: "tensorflow" needs the native binding of @tensorflow/tfjs-node, which was not built ' +
        '(its install script did not run, or its download failed); run npx -p @isonet/backend-tfjs isonet-tensorflow',
    });
  });

  it('whose library does not load reports the reason in one line, and the next provider is opened', async () => {
    const entry =
      'throw new Error("libtensorflow.so.2: cannot open shared object file\\nRequire stack: ...")';
    await install('@tensorflow/tfjs-node', { ...binding, 'dist/index.js': entry });
    const backend = await fresh();
    await expect(backend.open({ device: 'tensorflow' })).rejects.toThrow(
      'tfjs: @tensorflow/tfjs-node does not load: libtensorflow.so.2: cannot open shared object file; ' +
        'run npm uninstall @tensorflow/tfjs-node, then run npx -p @isonet/backend-tfjs isonet-tensorflow',
    );
    expect((await backend.open()).info.id).toBe('wasm');
  });

  it("in the user's cache is found if the project's has no binding", async () => {
    await install('@tensorflow/tfjs-node', { 'dist/index.js': 'throw new Error("not to be loaded")' });
    const kept = join(project, 'isonet/tensorflow-2.18.1-cpu');
    await install('@tensorflow/tfjs-node', library(false), kept);
    const backend = await fresh();
    expect(idsOf(await backend.probe())).toEqual(['tensorflow', 'wasm', 'cpu']);
    expect((await backend.open()).info.id).toBe('tensorflow');
  });

  it("in the user's cache that does not load is reported with its folder", async () => {
    const kept = join(project, 'isonet/tensorflow-2.18.1-cpu');
    await install(
      '@tensorflow/tfjs-node',
      { ...binding, 'dist/index.js': 'throw new Error("no AVX")' },
      kept,
    );
    await expect((await fresh()).open({ device: 'tensorflow' })).rejects.toThrow(
      `does not load: no AVX; remove ${kept}, then run npx -p @isonet/backend-tfjs isonet-tensorflow`,
    );
  });

  it('is looked up only in the folder that ISONET_TENSORFLOW names', async () => {
    await install('@tensorflow/tfjs-node', library(false));
    const named = join(project, 'named');
    vi.stubEnv('ISONET_TENSORFLOW', named);
    const backend = await fresh();
    // The package of the enclosing project is ignored, too.
    expect(idsOf(await backend.probe())).toEqual(['wasm', 'cpu']);
    await expect(backend.open({ device: 'tensorflow' })).rejects.toThrow(
      `which is not in ${named}, the folder that ISONET_TENSORFLOW names; ` +
        `run npx -p @isonet/backend-tfjs isonet-tensorflow, or unset ISONET_TENSORFLOW`,
    );
    await install('@tensorflow/tfjs-node', library(false), named);
    expect((await backend.open()).info.id).toBe('tensorflow');
  });

  it('in the project of the working directory is found, and preferred to wasm', async () => {
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
    [false, 'no NVIDIA driver is installed'],
    [
      true,
      'driver, CUDA and cuDNN must match TensorFlow 2.9.1: npx -p @isonet/backend-tfjs isonet-tensorflow --cuda installs',
    ],
  ])('for the GPU that finds none is never opened as cuda, with a driver: %s', async (driver, reason) => {
    await install('@tensorflow/tfjs-node-gpu', library(false));
    const backend = await fresh(driver);
    expect(idsOf(await backend.probe()).includes('cuda')).toBe(driver);
    await expect(backend.open({ device: 'cuda' })).rejects.toMatchObject({
      code: 'NO_GPU',
      message: expect.stringContaining(
        `tfjs: @tensorflow/tfjs-node-gpu finds no usable GPU (${reason}`,
      ) as unknown,
    });
    expect(idsOf(await backend.probe())).toEqual(['tensorflow', 'wasm', 'cpu']);
    const { info } = await backend.open();
    expect(info).toMatchObject({ id: 'tensorflow', kind: 'cpu' });
    expect(info.text).toContain('@tensorflow/tfjs-node-gpu, which found no GPU');
  });

  it('excludes the other one in the same process', async () => {
    await install('@tensorflow/tfjs-node', library(false));
    await install('@tensorflow/tfjs-node-gpu', library(true));
    const backend = await fresh();
    await backend.open({ device: 'tensorflow' });
    await expect(backend.open({ device: 'cuda' })).rejects.toThrow(
      'tfjs: this process has loaded @tensorflow/tfjs-node; open "cuda", which needs @tensorflow/tfjs-node-gpu, in a separate process',
    );
  });

  it('uses the option threads, once per process, and its plan ids depend on it', async () => {
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
        'open "tensorflow" with threads: 4 in a separate process',
    });
    expect((await backend.open({ threads: 3 })).info.id).toBe('tensorflow');
    await expect(backend.open({ device: 'tensorflow', tf32: true })).rejects.toMatchObject({
      code: 'OPTION',
    });
    vi.stubEnv('TF_NUM_INTRAOP_THREADS', '5');
    const five = await (await fresh()).open();
    expect(five.info.text).toContain('5 threads');
    expect(await planId(five)).not.toBe(await planId(three));
    const explicit = await (await fresh()).open({ threads: 5, tf32: false });
    expect(await planId(explicit)).toBe(await planId(five));
  });

  it.each(['TF_ENABLE_WINOGRAD_NONFUSED', 'TF_ENABLE_ONEDNN_OPTS'])(
    'keeps the value of %s from when it was loaded, and its plan ids depend on it',
    async (name) => {
      await install('@tensorflow/tfjs-node', library(false));
      const ids: string[] = [];
      for (const value of ['0', '1', '1']) {
        vi.stubEnv(name, value);
        const device = await (await fresh()).open();
        expect(process.env[name]).toBe(value);
        vi.stubEnv(name, undefined); // the library has already read it
        ids.push(await planId(device));
      }
      expect(ids[1]).not.toBe(ids[0]);
      expect(ids[2]).toBe(ids[1]);
    },
  );

  it("for the GPU has plan ids that depend on NVIDIA's packages", async () => {
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

  it('for the GPU rounds to TF32 on request, once per process', async () => {
    await install('@tensorflow/tfjs-node-gpu', library(true));
    vi.stubEnv('NVIDIA_TF32_OVERRIDE', undefined);
    const backend = await fresh();
    expect((await backend.open({ tf32: true })).info.id).toBe('cuda');
    expect(process.env['NVIDIA_TF32_OVERRIDE']).toBeUndefined();
    await expect(backend.open({ device: 'cuda' })).rejects.toThrow(
      'tfjs: this process has loaded TensorFlow with tf32: true; open "cuda" with tf32: false in a separate process',
    );
    await (await fresh()).open({ device: 'cuda' });
    expect(process.env['NVIDIA_TF32_OVERRIDE']).toBe('0');
  });
});
