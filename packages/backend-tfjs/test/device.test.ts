// Tests of the backend contract that the conformance suite does not cover: memory, snapshots, failures, and several providers in one
// process.
import type { Device, Graph, Model, State, Tensors } from '@isonet/core';
import {
  conv2d,
  dropout,
  flatten,
  float32,
  forward,
  globalAvgPool2d,
  GraphBuilder,
  initialize,
  int32,
  maxPool2d,
  scalar,
  sequential,
  sgd,
  stateOf,
  Trainer,
  uint32,
  xavier,
} from '@isonet/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { tfjs } from '../src/index.ts';

await import('@tensorflow/tfjs-backend-cpu'); // tf.memory needs a backend, even before a device is opened

const model: Model = {
  name: 'small',
  input: { name: 'images', shape: [2, 9, 9] },
  output: { name: 'logits', shape: [3] },
  layer: sequential({
    c1: conv2d(4, { kernel: 3, stride: 2, padding: 1, activation: 'relu' }),
    pool: maxPool2d({ kernel: 2, stride: 1 }),
    dropout: dropout(0.5),
    c2: conv2d(3, { kernel: 1 }),
    gap: globalAvgPool2d(),
    flatten: flatten(),
  }),
};
const optimizer = sgd({ momentum: 0.9, weightDecay: 0.01 });
const batch = {
  inputs: float32(
    [2, 2, 9, 9],
    Array.from({ length: 324 }, (_, i) => Math.sin(i)),
  ),
  labels: int32([2], [0, 2]),
};

async function trainer(device: Device, values?: Tensors): Promise<Trainer> {
  const initial = initialize(stateOf(model).parameters, xavier, 1);
  return Trainer.create({ model, device, optimizer, values: { ...initial, ...values }, seed: 1 });
}

async function steps(training: Trainer, first: number, count: number): Promise<void> {
  for (let i = first; i < first + count; i++) await (await training.step(batch, i, 0.1))();
}

/** Builds count' = count + 1. The outputs are the old count, and the old count broadcast to `shape`. */
function counting(shape: readonly number[]): Graph {
  const b = new GraphBuilder('counting');
  const count = b.state('count', { dtype: 'float32', shape: [] });
  b.output('before', count);
  b.output('filled', b.op.broadcast(count, { shape }));
  b.update('count', b.op.add(count, b.scalar(1)));
  return b.build();
}

describe.each(['wasm', 'cpu'])('on %s', (id) => {
  it('holds the same number of tensors after 20 steps as after the first, and none at the end', async () => {
    const before = tf.memory().numTensors;
    const device = await tfjs.open({ device: id });
    const training = await trainer(device);
    await steps(training, 0, 1);
    const after = tf.memory().numTensors;
    await steps(training, 1, 20);
    expect(tf.memory().numTensors).toBe(after);
    expect(after).toBeGreaterThan(before);
    await training[Symbol.asyncDispose]();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps no tensors after reads, discards, writes, rejections and disposals', async () => {
    const before = tf.memory().numTensors;
    const device = await tfjs.open({ device: id });
    const state = await device.createState({ count: scalar(3) });
    const program = await device.compile(counting([2]));
    const held = tf.memory().numTensors;
    expect(held).toBe(before + 2); // the count, and the constant that is added to it
    await program.run(state, {}).read();
    await program.run(state, {}).read(['before']);
    program.run(state, {}).discard();
    await state.read();
    await state.write({ count: scalar(5) });
    await program
      .run(state, { extra: scalar(1) })
      .read()
      .catch(() => undefined);
    await expect(state.write({ count: float32([2]) })).rejects.toMatchObject({ code: 'TYPE' });
    expect(tf.memory().numTensors).toBe(held);
    await program[Symbol.asyncDispose]();
    expect(tf.memory().numTensors).toBe(before + 1);
    await state[Symbol.asyncDispose]();
    expect(tf.memory().numTensors).toBe(before);
    await device.compile(counting([2]));
    await device[Symbol.asyncDispose]();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps no tensors of a disposed device, even if its states and programs were not disposed', async () => {
    const held: number[] = [];
    for (let round = 0; round < 10; round++) {
      const device = await tfjs.open({ device: id });
      const training = await trainer(device);
      await steps(training, 0, 1);
      const state = await device.createState({ count: scalar(3) });
      const program = await device.compile(counting([2]));
      await program.run(state, {}).accepted; // neither read nor discarded
      await device[Symbol.asyncDispose]();
      held.push(tf.memory().numTensors);
    }
    expect(new Set(held).size).toBe(1);
  });

  it('resumes from a snapshot bit for bit', async () => {
    const device = await tfjs.open({ device: id });
    await using straight = await trainer(device);
    await steps(straight, 0, 2);
    await using resumed = await trainer(device, await straight.snapshot());
    await steps(straight, 2, 2);
    await steps(resumed, 2, 2);
    expect(await resumed.state.read()).toEqual(await straight.state.read());
  });

  it('returns copies: changing them changes nothing on the device', async () => {
    const device = await tfjs.open({ device: id });
    await using state = await device.createState({ count: scalar(3) });
    await using program = await device.compile(counting([2]));
    const { count } = await state.read();
    count?.data.fill(9);
    const { before, filled } = await program.run(state, {}).read();
    expect([before?.data, filled?.data]).toEqual([Float32Array.of(3), Float32Array.of(3, 3)]);
  });

  it('rejects more than 6 dimensions', async () => {
    const b = new GraphBuilder('deep');
    const x = b.input('x', { dtype: 'float32', shape: [1, 1, 1, 1, 1, 2] });
    b.output('y', b.op.exp(b.op.reshape(x, { shape: [1, 1, 1, 1, 1, 1, 2] })));
    const device = await tfjs.open({ device: id });
    await expect(device.compile(b.build())).rejects.toThrow(
      'TensorFlow.js supports at most 6 dimensions, got 7',
    );
  });
});

describe('a failed run', () => {
  /** A graph with an output of 4 GiB, more than the heap of wasm. */
  const tooLarge = counting([2 ** 15, 2 ** 15]);

  async function failing(): Promise<{ device: Device; state: State }> {
    const device = await tfjs.open({ device: 'wasm' });
    return { device, state: await device.createState({ count: scalar(1) }) };
  }

  it('reports the reason, poisons the state until it is written, and leaves no tensor behind', async () => {
    const { device, state } = await failing();
    const [fails, works] = [await device.compile(tooLarge), await device.compile(counting([1]))];
    const before = tf.memory().numTensors;
    const execution = fails.run(state, {});
    await execution.accepted; // the run was accepted and started
    await expect(execution.read()).rejects.toMatchObject({
      code: 'RUN',
      message:
        "counting: TensorFlow.js failed: WebAssembly's memory is full: cannot allocate 4096 MiB; use a smaller batch",
      cause: { code: 'OUT_OF_MEMORY' },
    });
    const refused = works.run(state, {});
    await expect(refused.accepted).rejects.toMatchObject({ code: 'POISONED' });
    await expect(refused.read()).rejects.toThrow(
      'state: an earlier run failed; write every value that it updates before using the state again',
    );
    await expect(state.read()).rejects.toMatchObject({ code: 'POISONED' });
    expect(tf.memory().numTensors).toBe(before);
    await state.write({ count: scalar(5) });
    expect(await works.run(state, {}).read(['before'])).toEqual({ before: scalar(5) });
  });

  it('causes no unhandled rejection if its result is never read', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const { device, state } = await failing();
    (await device.compile(tooLarge)).run(state, {}).discard();
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('that never started leaves the state unchanged', async () => {
    const { device, state } = await failing();
    const program = await device.compile(counting([1]));
    const execution = program.run(state, { extra: scalar(1) });
    await expect(execution.accepted).rejects.toMatchObject({ code: 'UNKNOWN' });
    await expect(execution.read()).rejects.toMatchObject({ code: 'UNKNOWN' });
    expect(await state.read()).toEqual({ count: scalar(1) });
  });
});

describe('two providers in one process', () => {
  it('take turns, each with its own backend', async () => {
    const [wasm, cpu] = [await tfjs.open({ device: 'wasm' }), await tfjs.open({ device: 'cpu' })];
    await using first = await wasm.createState({ count: scalar(1) });
    await using second = await cpu.createState({ count: scalar(10) });
    const [onWasm, onCpu] = [await wasm.compile(counting([1])), await cpu.compile(counting([1]))];
    for (const expected of [0, 1, 2]) {
      const a = onWasm.run(first, {});
      expect(tf.getBackend()).toBe('wasm');
      const b = onCpu.run(second, {});
      expect(tf.getBackend()).toBe('cpu');
      expect(await a.read(['before'])).toEqual({ before: scalar(1 + expected) });
      expect(await b.read(['before'])).toEqual({ before: scalar(10 + expected) });
    }
    await expect(onWasm.run(second, {}).read()).rejects.toThrow(
      'counting: the state belongs to another device',
    );
    expect(onWasm.plan.id).not.toBe(onCpu.plan.id);
  });
});

describe('an execution', () => {
  it('yields to the event loop during a read', async () => {
    const device = await tfjs.open({ device: 'wasm' });
    await using state = await device.createState({ count: scalar(1) });
    const program = await device.compile(counting([1]));
    let turned = false;
    setImmediate(() => (turned = true));
    await program.run(state, {}).read();
    expect(turned).toBe(true);
  });

  it('can be read only once', async () => {
    const device = await tfjs.open({ device: 'wasm' });
    await using state = await device.createState({ count: scalar(1) });
    const program = await device.compile(counting([1]));
    const execution = program.run(state, {});
    await execution.read(['before']);
    await expect(execution.read()).rejects.toMatchObject({ code: 'CONSUMED' });
  });

  it('is rejected after a disposal', async () => {
    const device = await tfjs.open({ device: 'wasm' });
    const state = await device.createState({ count: scalar(1) });
    const program = await device.compile(counting([1]));
    await program[Symbol.asyncDispose]();
    await expect(program.run(state, {}).read()).rejects.toThrow('counting: the program is disposed');
    await state[Symbol.asyncDispose]();
    await expect(state.read()).rejects.toMatchObject({ code: 'DISPOSED' });
    await device[Symbol.asyncDispose]();
    await expect(device.compile(counting([1]))).rejects.toMatchObject({ code: 'DISPOSED' });
  });
});

it('draws the same masks for the shards of a batch as for the whole batch', async () => {
  const device = await tfjs.open({ device: 'wasm' });
  const drawn = async (samples: number, first: number): Promise<readonly number[]> => {
    const b = new GraphBuilder('mask');
    const random = b.input('random', { dtype: 'uint32', shape: [3] });
    b.output('u', b.op.randomUniform(random, { shape: [samples, 3], stream: 2 ** 32 - 5 }));
    await using state = await device.createState({});
    await using program = await device.compile(b.build());
    const feeds = { random: uint32([3], [2 ** 32 - 1, 3_000_000_000, first]) };
    return Array.from((await program.run(state, feeds).read())['u']?.data ?? []);
  };
  const whole = await drawn(4, 0);
  expect([...(await drawn(2, 0)), ...(await drawn(2, 2))]).toEqual(whole);
  expect(new Set(whole).size).toBe(12);
});

it('transposes images only at the input and the output, and each filter only once', async () => {
  const device = await tfjs.open({ device: 'wasm' });
  await using state = await device.createState(initialize(stateOf(model).parameters, xavier, 1));
  await using program = await device.compile(forward(model, 2).graph);
  const transposes = async (): Promise<number> => {
    const { kernels } = await tf.profile(() => program.run(state, { images: batch.inputs }).discard());
    return kernels.filter(({ name }) => name === 'Transpose').length;
  };
  expect([await transposes(), await transposes()]).toEqual([1 + 1 + 2, 1 + 1]);
});
