// What is ONNX Runtime's own about the device; what every device has in common is in the conformance suite.
import type { Device, Graph, State } from '@isonet/core';
import { BackendError, bool, float32, GraphBuilder, scalar } from '@isonet/core';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { backendOver } from '../src/device.ts';
import { onnx } from '../src/index.ts';
import type { InferenceSession, Runtime } from '../src/runtime/load.ts';
import { loadRuntime } from '../src/runtime/load.ts';

const pair = { dtype: 'float32', shape: [2] } as const;

/** total' = total + x; the output `double` is 2 x, and `large` whether x > 1. */
function counting(): Graph {
  const b = new GraphBuilder('counting');
  const [x, total] = [b.input('x', pair), b.state('total', pair)];
  b.output('double', b.op.add(x, x));
  b.output('large', b.op.greater(x, b.fill(1, [2])));
  b.update('total', b.op.add(total, x));
  return b.build();
}

/** y = w x. */
function scaling(): Graph {
  const b = new GraphBuilder('scaling');
  b.output('y', b.op.mul(b.input('x', pair), b.state('w', pair)));
  return b.build();
}

/** A device whose sessions are seen, and can be made to fail. */
class Watched {
  readonly sessions: InferenceSession[] = [];
  /** The names that each run asked for. */
  readonly fetched: (readonly string[])[] = [];
  released = 0;
  failure: Error | undefined;

  async open(): Promise<Device> {
    const runtime = await loadRuntime();
    const createSession = async (model: Uint8Array): Promise<InferenceSession> =>
      this.#watch(await runtime.createSession(model));
    return backendOver(() => Promise.resolve({ ...runtime, createSession })).open();
  }

  #watch(session: InferenceSession): InferenceSession {
    const [run, release] = [session.run.bind(session), session.release.bind(session)];
    const watched = {
      run: (feeds: InferenceSession.FeedsType, names: string[]) => {
        this.fetched.push(names);
        return this.failure ? Promise.reject(this.failure) : run(feeds, names);
      },
      release: () => {
        this.released++;
        return release();
      },
    };
    this.sessions.push(session);
    return Object.assign(session, watched);
  }
}

/** Of another backend. */
const foreign: State = {
  read: () => Promise.resolve({}),
  write: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

describe('the backend', () => {
  test('finds the cpu, with the version and the threads', async () => {
    const probe = await onnx.probe();
    const text = expect.stringMatching(/^ONNX Runtime \d+\.\d+\.\d+, \d+ threads?, ./) as string;
    expect(probe).toEqual({ ok: true, devices: [{ id: 'cpu', kind: 'cpu', text }] });
  });

  test('knows no other device', async () => {
    await expect(onnx.open('cuda')).rejects.toThrow('onnx: no device "cuda"; there is "cpu"');
  });

  test('says what to install where the package is missing', async () => {
    const absent = Object.assign(new Error("Cannot find package 'onnxruntime-node'\nmore"), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    const backend = backendOver(() => loadRuntime(() => Promise.reject(absent)));
    const reason = expect.stringMatching(
      /cannot be loaded on \w+ \w+ \(Cannot find package 'onnxruntime-node'\); npm install/,
    ) as string;
    expect(await backend.probe()).toEqual({
      ok: false,
      code: 'NOT_INSTALLED',
      reason,
      cure: 'npm install onnxruntime-node@1.30.0',
    });
    await expect(backend.open()).rejects.toThrow(BackendError);
  });

  test('says so where the library does not fit the machine', async () => {
    const load = (): Promise<Runtime> => loadRuntime(() => Promise.reject(new Error('wrong ELF class')));
    expect(await backendOver(load).probe()).toMatchObject({ ok: false, code: 'LOAD' });
    const bare = (): Promise<Runtime> =>
      loadRuntime(() => Promise.resolve({ ...ort, listSupportedBackends: () => [] }));
    expect(await backendOver(bare).probe()).toMatchObject({ ok: false, code: 'NO_CPU' });
  });
});

describe('values', () => {
  test('bools come back as bytes, float64 is rounded when it is fed and when it becomes state', async () => {
    await using device = await onnx.open();
    await using program = await device.compile(counting());
    const wide = { dtype: 'float64', shape: [2], data: Float64Array.of(0.1, 2) } as const;
    await using state = await device.createState({ total: wide });
    const { large, double } = await program.run(state, { x: wide }).read();
    expect(large).toEqual(bool([2], [false, true]));
    expect(double).toEqual(float32([2], [Math.fround(0.1) * 2, 4]));
    expect(await state.read()).toEqual({ total: float32([2], [Math.fround(0.1) * 2, 4]) });
  });

  test('memory that threads share is copied: the runtime refuses it', async () => {
    await using device = await onnx.open();
    await using program = await device.compile(scaling());
    await using state = await device.createState({ w: float32([2], [3, 4]) });
    const shared = new Float32Array(new SharedArrayBuffer(8));
    shared.set([1, 2]);
    expect(await program.run(state, { x: float32([2], shared) }).read()).toEqual({ y: float32([2], [3, 8]) });
  });
});

describe('runs', () => {
  test('fetch what is asked for in time, and every update', async () => {
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

  test('that fail poison the state until it is written', async () => {
    const watched = new Watched();
    await using device = await watched.open();
    await using program = await device.compile(counting());
    await using state = await device.createState({ total: float32([2], [1, 1]) });
    watched.failure = new Error('out of memory');
    const feeds = { x: float32([2], [1, 2]) };
    const [failed, after] = [program.run(state, feeds), program.run(state, feeds)];
    await expect(failed.accepted).rejects.toThrow('counting: ONNX Runtime failed: out of memory');
    await expect(failed.read()).rejects.toThrow(BackendError);
    const poisoned = 'state: a run on it failed; write it before it is used again';
    await expect(after.read()).rejects.toThrow(poisoned);
    await expect(state.read()).rejects.toThrow(poisoned);
    watched.failure = undefined;
    await state.write({ total: float32([2], [5, 5]) });
    await program.run(state, feeds).read();
    expect(await state.read()).toEqual({ total: float32([2], [6, 7]) });
  });

  test('that were refused for their feeds or their state change nothing', async () => {
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
      'counting: the state belongs to another backend',
    );
    await expect(device.compile(scaling(), { frozen: foreign })).rejects.toThrow(
      'scaling: the frozen state belongs to another backend',
    );
    expect((await state.read())['total']).toEqual(float32([2], [1, 1]));
  });

  test('are read or discarded once', async () => {
    await using device = await onnx.open();
    await using program = await device.compile(scaling());
    await using state = await device.createState({ w: float32([2]) });
    const run = program.run(state, { x: float32([2]) });
    await run.read();
    await expect(run.read()).rejects.toThrow('scaling: this run was read or discarded before');
  });
});

describe('frozen weights', () => {
  test('are those of the moment of compiling, inside the session', async () => {
    const watched = new Watched();
    await using device = await watched.open();
    await using state = await device.createState({ w: float32([2], [3, 4]) });
    await using program = await device.compile(scaling(), { frozen: state });
    await state.write({ w: float32([2], [30, 40]) });
    expect(await program.run(state, { x: float32([2], [1, 2]) }).read()).toEqual({ y: float32([2], [3, 8]) });
    expect(watched.sessions[0]?.inputNames).toEqual(['x']);
  });

  test('stay state where the graph changes them', async () => {
    await using device = await onnx.open();
    await using state = await device.createState({ total: float32([2], [1, 1]) });
    await using program = await device.compile(counting(), { frozen: state });
    for (let i = 0; i < 2; i++) await program.run(state, { x: float32([2], [1, 2]) }).read();
    expect(await state.read()).toEqual({ total: float32([2], [3, 5]) });
  });
});

test('a fingerprint depends on the graph and on the threads, not on the weights', async () => {
  const runtime = await loadRuntime();
  const print = async (threads: number, graph: Graph, weight?: number): Promise<string> => {
    await using device = await backendOver(() => Promise.resolve({ ...runtime, threads })).open();
    await using state = await device.createState({ w: float32([2], [weight ?? 0, 0]) });
    await using program = await device.compile(graph, weight === undefined ? {} : { frozen: state });
    return program.fingerprint;
  };
  const first = await print(1, scaling());
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(await print(1, scaling())).toBe(first);
  expect(await print(2, scaling())).not.toBe(first);
  expect(await print(1, counting())).not.toBe(first);
  expect(await print(1, scaling(), 1)).toBe(await print(1, scaling(), 2));
});

test('disposing waits for what is under way, releases sessions once, and ends what comes after', async () => {
  const watched = new Watched();
  const device = await watched.open();
  const [program, other] = [await device.compile(scaling()), await device.compile(scaling())];
  const state = await device.createState({ w: float32([2], [3, 4]) });
  const underWay = program.run(state, { x: float32([2], [1, 2]) });
  await program[Symbol.asyncDispose]();
  expect(await underWay.read()).toEqual({ y: float32([2], [3, 8]) });
  await expect(program.run(state, { x: float32([2]) }).read()).rejects.toThrow(
    'scaling: the program is disposed',
  );
  await device[Symbol.asyncDispose]();
  expect(watched.released).toBe(2);
  await expect(other.run(state, { x: float32([2]) }).read()).rejects.toThrow(
    'scaling: the program is disposed',
  );
  await expect(device.compile(scaling())).rejects.toThrow('onnx: the device is disposed; open it again');
  expect(await state.read()).toEqual({ w: float32([2], [3, 4]) });
  await state[Symbol.asyncDispose]();
  await expect(state.read()).rejects.toThrow('state: it is disposed');
});
