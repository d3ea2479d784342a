// Tests of the device that are specific to ONNX Runtime; the conformance suite covers what all devices have in common.
import { readdirSync } from 'node:fs';
import type { State } from '@isonet/core';
import { BackendError, bool, float32, scalar } from '@isonet/core';
import { NativeError } from '@isonet/native';
import { describe, expect, test } from 'vitest';
import { backendOver } from '../src/native.ts';
import { onnx } from '../src/index.ts';
import { loadBinding } from '../src/runtime/binding.ts';
import type { Runtime } from '../src/runtime/load.ts';
import { loadRuntime } from '../src/runtime/load.ts';
import { counting, scaling, Watched } from './watched.ts';

/** A state of another backend. */
const foreign: State = {
  read: () => Promise.resolve({}),
  write: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

describe('the backend', () => {
  test('lists the cpu, with the version and the threads', async () => {
    const probe = await onnx.probe();
    const text = expect.stringMatching(/^ONNX Runtime \d+\.\d+\.\d+, \d+ threads?, ./) as string;
    expect(probe).toMatchObject({ ok: true });
    expect(probe.ok && probe.devices[0]).toEqual({ id: 'cpu', kind: 'cpu', text });
  });

  test('accepts tf32 and threads only for devices that support them', async () => {
    await expect(onnx.open({ tf32: true })).rejects.toMatchObject({
      code: 'OPTION',
      message: `onnx: "cpu" does not support tf32, which needs an NVIDIA GPU; open "cuda"`,
    });
    for (const device of ['cuda', 'webgpu']) {
      await expect(onnx.open({ device, threads: 2 })).rejects.toMatchObject({
        code: 'OPTION',
        message: `onnx: "${device}" computes on the GPU, got threads: 2; omit the option, or open "cpu"`,
      });
    }
    await expect(onnx.open({ device: 'webgpu', tf32: true })).rejects.toMatchObject({ code: 'OPTION' });
    await using device = await onnx.open({ tf32: false });
    expect(device.info.id).toBe('cpu');
  });

  test('rejects an unknown device', async () => {
    await expect(onnx.open({ device: 'npu' })).rejects.toThrow(
      'onnx: unknown device "npu"; expected one of "cpu", "portable", "cuda", "webgpu", "wasm"',
    );
  });

  test('names what to install if the library is missing', async () => {
    const absent = new NativeError('NOT_INSTALLED', 'ONNX Runtime is not installed', 'npm install it');
    const backend = backendOver(() =>
      loadRuntime(() => {
        throw absent;
      }),
    );
    expect(await backend.probe()).toEqual({
      ok: false,
      code: 'NOT_INSTALLED',
      reason: 'ONNX Runtime is not installed',
      fix: 'npm install it',
    });
    await expect(backend.open()).rejects.toThrow(
      new BackendError('NOT_INSTALLED', 'onnx: ONNX Runtime is not installed; npm install it'),
    );
  });

  test('disables telemetry', async () => {
    await loadRuntime();
    expect(process.env['ORT_DISABLE_TELEMETRY']).toBe('1');
  });

  test('reports a library that does not match the machine', async () => {
    const load = (): Promise<Runtime> =>
      loadRuntime(() => {
        throw new Error('wrong ELF class');
      });
    expect(await backendOver(load).probe()).toMatchObject({ ok: false, code: 'LOAD' });
    const bare = (): Promise<Runtime> =>
      loadRuntime((tensor) => ({ ...loadBinding(tensor), listSupportedBackends: () => [] }));
    expect(await backendOver(bare).probe()).toMatchObject({ ok: false, code: 'NO_CPU' });
  });
});

describe('values', () => {
  test('bools are returned as bytes, and float64 is rounded in feeds and in state', async () => {
    await using device = await onnx.open();
    await using program = await device.compile(counting());
    const wide = { dtype: 'float64', shape: [2], data: Float64Array.of(0.1, 2) } as const;
    await using state = await device.createState({ total: wide });
    const { large, double } = await program.run(state, { x: wide }).read();
    expect(large).toEqual(bool([2], [false, true]));
    expect(double).toEqual(float32([2], [Math.fround(0.1) * 2, 4]));
    expect(await state.read()).toEqual({ total: float32([2], [Math.fround(0.1) * 2, 4]) });
  });

  test('shared memory is copied, because the runtime rejects it', async () => {
    await using device = await onnx.open();
    await using program = await device.compile(scaling());
    await using state = await device.createState({ w: float32([2], [3, 4]) });
    const shared = new Float32Array(new SharedArrayBuffer(8));
    shared.set([1, 2]);
    expect(await program.run(state, { x: float32([2], shared) }).read()).toEqual({ y: float32([2], [3, 8]) });
  });
});

describe('runs', () => {
  test('fetch the outputs that are requested in time, and every update', async () => {
    const watched = new Watched();
    await using device = await watched.open();
    await using program = await device.compile(counting());
    await using state = await device.createState({ total: float32([2]) });
    const feeds = { x: float32([2], [1, 2]) };
    await program.run(state, feeds).read(['large']);
    program.run(state, feeds).discard();
    await program.run(state, feeds).accepted;
    expect(watched.fetched).toEqual([
      ['large', 'next/total'],
      ['next/total'],
      ['double', 'large', 'next/total'],
    ]);
    expect(await state.read()).toEqual({ total: float32([2], [3, 6]) });
  });

  test('read feeds and the updated state in place; only tensors that enter or leave a state are copied', async () => {
    const watched = new Watched();
    await using device = await watched.open();
    await using program = await device.compile(counting());
    const [first, x] = [float32([2], [1, 1]), float32([2], [1, 2])];
    await using state = await device.createState({ total: first });
    first.data.fill(9);
    for (let i = 0; i < 2; i++) await program.run(state, { x }).read();
    const [one, two] = watched.fed;
    expect(one?.['x']?.data).toBe(x.data);
    expect(one?.['total']?.data).toEqual(Float32Array.of(1, 1));
    expect(two?.['total']?.data).toBe(watched.results[0]?.['next/total']?.data);
    expect(two?.['total']?.data).toEqual(Float32Array.of(2, 3));
    const { total } = await state.read();
    total?.data.fill(9);
    expect(await state.read()).toEqual({ total: float32([2], [3, 5]) });
  });

  test('that fail poison the state until it is written', async () => {
    const watched = new Watched();
    await using device = await watched.open();
    await using program = await device.compile(counting());
    await using state = await device.createState({ total: float32([2], [1, 1]) });
    watched.failure = new Error('out of memory\nat some place of the library');
    const feeds = { x: float32([2], [1, 2]) };
    const [failed, after] = [program.run(state, feeds), program.run(state, feeds)];
    await failed.accepted; // the run was accepted and started
    await expect(failed.read()).rejects.toThrow(
      new BackendError('RUN', 'counting: ONNX Runtime failed: out of memory'),
    );
    const poisoned =
      'state: an earlier run failed; write every value that it updates before using the state again';
    await expect(after.read()).rejects.toThrow(poisoned);
    await expect(state.read()).rejects.toThrow(poisoned);
    watched.failure = undefined;
    await state.write({ total: float32([2], [5, 5]) });
    await program.run(state, feeds).read();
    expect(await state.read()).toEqual({ total: float32([2], [6, 7]) });
  });

  test('that are rejected for their feeds or their state change nothing', async () => {
    await using device = await onnx.open();
    await using program = await device.compile(counting());
    await using state = await device.createState({ total: float32([2], [1, 1]), other: scalar(1) });
    await expect(program.run(state, {}).read()).rejects.toThrow('feeds: "x" (float32 [2]) is missing');
    await using small = await device.createState({ other: scalar(1) });
    await expect(program.run(small, { x: float32([2]) }).read()).rejects.toThrow(
      'state: "total" (float32 [2]) is missing',
    );
    expect(await small.read()).toEqual({ other: scalar(1) });
    await expect(program.run(foreign, { x: float32([2]) }).read()).rejects.toThrow(
      'counting: the state belongs to another device',
    );
    await expect(device.compile(scaling(), { frozen: foreign })).rejects.toThrow(
      'scaling: the state belongs to another device',
    );
    expect((await state.read())['total']).toEqual(float32([2], [1, 1]));
  });

  test('can be read only once', async () => {
    await using device = await onnx.open();
    await using program = await device.compile(scaling());
    await using state = await device.createState({ w: float32([2]) });
    const run = program.run(state, { x: float32([2]) });
    await run.read();
    await expect(run.read()).rejects.toThrow('scaling: this run was already read or discarded');
  });
});

describe('frozen weights', () => {
  test('keep their values from the time of compilation, as constants in the session', async () => {
    const watched = new Watched();
    await using device = await watched.open();
    await using state = await device.createState({ w: float32([2], [3, 4]) });
    await using program = await device.compile(scaling(), { frozen: state });
    await state.write({ w: float32([2], [30, 40]) });
    expect(await program.run(state, { x: float32([2], [1, 2]) }).read()).toEqual({ y: float32([2], [3, 8]) });
    expect(watched.sessions[0]?.inputNames).toEqual(['x']);
  });

  test('remain state if the graph changes them', async () => {
    await using device = await onnx.open();
    await using state = await device.createState({ total: float32([2], [1, 1]) });
    await using program = await device.compile(counting(), { frozen: state });
    for (let i = 0; i < 2; i++) await program.run(state, { x: float32([2], [1, 2]) }).read();
    expect(await state.read()).toEqual({ total: float32([2], [3, 5]) });
  });
});

test.each([
  ['Load model failed\nin the library', 'ONNX Runtime rejects the graph: Load model failed'],
  [
    'This session contains graph nodes that are assigned to the default CPU EP, but fallback to CPU EP has been explicitly disabled by the user.',
    'ONNX Runtime\'s cpu provider has no kernel for some of the graph\'s nodes, and no node may fall back to the CPU; open "cpu"',
  ],
])('a graph that the runtime rejects is a one-line compile error: %.20s', async (message, reason) => {
  const runtime = await loadRuntime();
  const createSession = (): Promise<never> => Promise.reject(new Error(message));
  await using device = await backendOver(() => Promise.resolve({ ...runtime, createSession })).open();
  await expect(device.compile(scaling())).rejects.toThrow(new BackendError('COMPILE', `scaling: ${reason}`));
});

test('disposal waits for current runs, releases sessions once, and rejects later use', async () => {
  const watched = new Watched();
  const device = await watched.open();
  const [program, other] = [await device.compile(scaling()), await device.compile(scaling())];
  const state = await device.createState({ w: float32([2], [3, 4]) });
  const running = program.run(state, { x: float32([2], [1, 2]) });
  await program[Symbol.asyncDispose]();
  expect(await running.read()).toEqual({ y: float32([2], [3, 8]) });
  await expect(program.run(state, { x: float32([2]) }).read()).rejects.toThrow(
    'scaling: the program is disposed',
  );
  expect(await state.read()).toEqual({ w: float32([2], [3, 4]) });
  const gone = await device.createState({});
  await gone[Symbol.asyncDispose]();
  await expect(gone.read()).rejects.toThrow('state: the state is disposed');
  await device[Symbol.asyncDispose]();
  expect(watched.released).toBe(2);
  const disposed = 'onnx: the device is disposed; open it again';
  await expect(other.run(state, { x: float32([2]) }).read()).rejects.toThrow(disposed);
  await expect(device.compile(scaling())).rejects.toThrow(disposed);
  await expect(device.createState({})).rejects.toThrow(disposed);
  await expect(state.read()).rejects.toThrow(disposed);
  await state[Symbol.asyncDispose]();
});

test.skipIf(process.platform !== 'linux')('disposed devices leave no threads behind', async () => {
  const counts: number[] = [];
  for (let round = 0; round < 12; round++) {
    const device = await onnx.open({ threads: 3 });
    const state = await device.createState({ w: float32([2], [3, 4]) });
    const program = await device.compile(scaling());
    await program.run(state, { x: float32([2], [1, 2]) }).read();
    await device[Symbol.asyncDispose](); // disposes its states and programs, too
    counts.push(readdirSync('/proc/self/task').length);
  }
  expect(counts.at(-1)).toBe(counts[2]);
});
