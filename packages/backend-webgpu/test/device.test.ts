// What the conformance suite cannot ask: memory, limits, losses and failures of this device, sizes that need several
// dispatches. On the software driver; on machines without it, skipped with the reason.
import { readFileSync } from 'node:fs';
import type { Device, Graph, Tensors } from '@isonet/core';
import {
  BackendError,
  DeviceLostError,
  float32,
  GraphBuilder,
  gradients,
  initialize,
  int32,
  scalar,
  sgd,
  stateOf,
  Trainer,
  UnsupportedOpError,
  xavier,
} from '@isonet/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listAdapters, openAdapter } from '../src/adapters.ts';
import { Context } from '../src/context.ts';
import { WebGpuDevice } from '../src/device.ts';
import type { OpenAdapter } from '../src/gpu.ts';
import { webgpu } from '../src/index.ts';
import { DAWN } from '../src/runtime.ts';
import { network, randomGraph } from './graphs.ts';

const { adapters, absent } = await listAdapters();
const missing = adapters.some(({ id }) => id === 'software')
  ? undefined
  : absent.map(({ reason }) => reason).join('; ');

const why = missing === undefined ? '' : `: ${missing}`;

describe.skipIf(missing !== undefined)(`the software device${why}`, () => {
  let adapter: OpenAdapter;
  let device: Device;
  /** Every buffer that was made, with what became of it. */
  let buffers: { readonly buffer: GPUBuffer; readonly label: string; destroyed: boolean }[];

  beforeEach(async () => {
    adapter = await openAdapter('software');
    device = new WebGpuDevice(adapter);
    buffers = [];
    const make = adapter.device.createBuffer.bind(adapter.device);
    adapter.device.createBuffer = (descriptor) => {
      const buffer = make(descriptor);
      const record = { buffer, label: descriptor.label ?? '', destroyed: false };
      const destroy = buffer.destroy.bind(buffer);
      buffer.destroy = () => {
        record.destroyed = true;
        return destroy();
      };
      buffers.push(record);
      return buffer;
    };
  });
  afterEach(() => device[Symbol.asyncDispose]());

  const live = (): readonly string[] =>
    buffers.filter(({ destroyed }) => !destroyed).map(({ label }) => label);

  test('20 training steps make no buffers after the second, and disposal leaves none', async () => {
    const model = network;
    const values = initialize(stateOf(model).parameters, xavier, 1);
    const trainer = await Trainer.create({
      model,
      device,
      optimizer: sgd({ momentum: 0.9 }),
      values,
      seed: 1,
    });
    const batch = {
      images: float32(
        [3, 1, 12, 12],
        Float32Array.from({ length: 3 * 144 }, (_, i) => (i % 7) / 7),
      ),
      labels: int32([3], [0, 1, 2]),
    };
    const counts: number[] = [];
    let pending = await trainer.step(batch, 0, 0.01);
    for (let i = 1; i <= 20; i++) {
      const next = await trainer.step(batch, i, 0.01);
      await pending();
      pending = next;
      counts.push(buffers.length);
    }
    await pending();
    expect(new Set(counts).size).toBe(1);
    await trainer.weights();
    await trainer[Symbol.asyncDispose]();
    expect(live()).toEqual([]);
  });

  test('a discarded run gives its staging buffer back', async () => {
    await using state = await device.createState({});
    await using program = await device.compile(doubled(4));
    for (let i = 0; i < 5; i++) {
      const execution = program.run(state, { x: float32([4], [i, 1, 2, 3]) });
      execution.discard();
      await execution.accepted;
    }
    expect(live().filter((label) => label === 'doubled outputs')).toHaveLength(1);
    const { y } = await program.run(state, { x: float32([4], [9, 1, 2, 3]) }).read();
    expect(y?.data).toEqual(Float32Array.of(18, 2, 4, 6));
  });

  test('sharing memory changes no bit: random graphs with few outputs, and with all values kept', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const { graph, feeds, state } = randomGraph(seed);
      const [shared, alone] = [
        await run(graph, feeds, state),
        await run(randomGraph(seed, 'all').graph, feeds, state),
      ];
      expect(alone).toMatchObject(shared);
    }
  });

  test('sums that take several dispatches, and more workgroups than one dimension holds', async () => {
    const size = 65_535 * 64 + 1000;
    const b = new GraphBuilder('long');
    const x = b.input('x', { dtype: 'float32', shape: [] });
    const column = b.op.broadcast(b.op.reshape(x, { shape: [1, 1] }), { shape: [1, size] });
    b.output('sum', b.op.reduceSum(column, { axes: [1] }));
    b.output('max', b.op.reduceMax(b.op.relu(column), { axes: [1] }));
    const { sum, max } = await run(b.build(), { x: scalar(3) });
    expect(sum?.data).toEqual(Float32Array.of(3 * size));
    expect(max?.data).toEqual(Float32Array.of(3));
  });

  test("a filter's gradient over so many pixels that its slabs are summed in two passes", async () => {
    const shape = [2, 1, 256, 256];
    const b = new GraphBuilder('slabs');
    const [x, dy] = [b.input('x', { dtype: 'float32', shape }), b.input('dy', { dtype: 'float32', shape })];
    const attrs = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1 } as const;
    b.output('dw', b.op.conv2dGradFilter(x, dy, { ...attrs, filterShape: [1, 1, 3, 3] }));
    const ones = float32(shape, new Float32Array(2 * 256 * 256).fill(1));
    const { dw } = await run(b.build(), { x: ones, dy: ones });
    const [all, rim, corner] = [2 * 256 * 256, 2 * 256 * 255, 2 * 255 * 255];
    expect([...(dw?.data ?? [])]).toEqual([corner, rim, corner, rim, all, rim, corner, rim, corner]);
  });

  test('a tensor over the limits is refused before anything runs', async () => {
    const size = adapter.device.limits.maxStorageBufferBindingSize / 4 + 1;
    const text = /float32 \[268435457\] takes 1025 MiB on the device, this adapter binds at most 1024 MiB/;
    const large = new GraphBuilder('large');
    large.output('y', large.op.reduceSum(large.fill(1, [size]), { axes: [0] }));
    const refused = device.compile(large.build());
    await expect(refused).rejects.toThrow(UnsupportedOpError);
    await expect(refused).rejects.toThrow(text);

    const fed = new GraphBuilder('fed');
    fed.input('x', { dtype: 'float32', shape: [size] });
    fed.output('y', fed.scalar(1));
    await expect(device.compile(fed.build())).rejects.toThrow(text);

    const half = new GraphBuilder('half');
    const x = half.input('x', { dtype: 'float32', shape: [size - 1] });
    half.output('x', x);
    half.output('again', x);
    await expect(device.compile(half.build())).rejects.toThrow('half: the outputs together takes 2048 MiB');
    expect(live()).toEqual([]);
  });

  test('a lost device rejects what is pending, and everything after', async () => {
    const state = await device.createState({ w: scalar(1) });
    const program = await device.compile(slow());
    const running = program.run(state, { x: scalar(2) });
    const reading = state.read();
    adapter.device.destroy();
    await expect(running.read()).rejects.toThrow(DeviceLostError);
    await expect(reading).rejects.toThrow(DeviceLostError);
    await expect(device.lost).resolves.toContain('destroyed');
    const later = program.run(state, { x: scalar(2) });
    await expect(later.accepted).rejects.toThrow(DeviceLostError);
    await expect(later.read()).rejects.toThrow(DeviceLostError);
    await expect(state.read()).rejects.toThrow(DeviceLostError);
    await expect(state.write({ w: scalar(1) })).rejects.toThrow(DeviceLostError);
    await expect(device.createState({ w: scalar(1) })).rejects.toThrow(DeviceLostError);
    await expect(device.compile(slow())).rejects.toThrow(DeviceLostError);
    await program[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
  });

  test('a run that fails poisons its state until a write', async () => {
    await using state = await device.createState({ w: scalar(1), idle: scalar(0) });
    await using broken = await device.compile(counting('broken'));
    await using sound = await device.compile(counting('sound'));
    for (const { buffer, label } of buffers) if (label.startsWith('broken scratch')) buffer.destroy();
    const failing = broken.run(state, {});
    const following = sound.run(state, {});
    await expect(failing.read()).rejects.toThrow(/^broken: .*destroyed/);
    const poisoned = expect.objectContaining({ code: 'POISONED' }) as unknown;
    await expect(following.read()).rejects.toEqual(poisoned);
    await expect(sound.run(state, {}).read()).rejects.toEqual(poisoned);
    await expect(state.read()).rejects.toEqual(poisoned);
    await expect(device.compile(counting('frozen'), { frozen: state })).rejects.toEqual(poisoned);
    await state.write({ idle: scalar(1) });
    // The run that was under way has landed, the one that was refused has not.
    expect((await state.read())['w']?.data).toEqual(Float32Array.of(2));
    await state.write({ w: scalar(5) });
    await sound.run(state, {}).read();
    expect((await state.read())['w']?.data).toEqual(Float32Array.of(6));
  });

  test('a shader that does not compile names its op', async () => {
    const context = new Context(adapter);
    const dispatch = {
      source: 'fn main() { nonsense }',
      reads: [],
      writes: [],
      params: new Uint32Array(1),
      threads: 1,
      takesSingles: false,
    };
    const failure = context.pipeline(dispatch, 'conv2d "b1.conv"');
    await expect(failure).rejects.toThrow(BackendError);
    await expect(failure).rejects.toThrow(/^conv2d "b1.conv": .*nonsense/);
  });

  test('what is disposed, or of another device, is refused', async () => {
    const program = await device.compile(doubled(1));
    await using state = await device.createState({});
    await using other = new WebGpuDevice(await openAdapter('software'));
    const foreign = program.run(await other.createState({}), { x: float32([1], [1]) });
    await expect(foreign.read()).rejects.toMatchObject({ code: 'FOREIGN_STATE' });
    const done = program.run(state, { x: float32([1], [4]) });
    await program[Symbol.asyncDispose]();
    expect((await done.read())['y']?.data).toEqual(Float32Array.of(8));
    await expect(done.read()).rejects.toMatchObject({ code: 'CONSUMED' });
    await expect(program.run(state, { x: float32([1], [1]) }).read()).rejects.toMatchObject({
      code: 'DISPOSED',
    });
  });

  test('frozen weights stay what they were', async () => {
    await using state = await device.createState({ w: scalar(3) });
    const b = new GraphBuilder('frozen');
    const w = b.state('w', { dtype: 'float32', shape: [] });
    b.output('y', b.op.add(w, w));
    await using program = await device.compile(b.build(), { frozen: state });
    await state.write({ w: scalar(100) });
    expect((await program.run(state, {}).read())['y']?.data).toEqual(Float32Array.of(6));
  });

  test('bools go to the device and back', async () => {
    const b = new GraphBuilder('bools');
    const gate = b.input('gate', { dtype: 'bool', shape: [3, 1] });
    const kept = b.state('kept', { dtype: 'bool', shape: [2] });
    b.output('wide', b.op.broadcast(gate, { shape: [3, 2] }));
    b.output('kept', kept);
    const yes = { dtype: 'bool', shape: [3, 1], data: Uint8Array.of(1, 0, 1) } as const;
    const outputs = await run(
      b.build(),
      { gate: yes },
      { kept: { dtype: 'bool', shape: [2], data: Uint8Array.of(0, 1) } },
    );
    expect(outputs).toEqual({
      wide: { dtype: 'bool', shape: [3, 2], data: Uint8Array.of(1, 1, 0, 0, 1, 1) },
      kept: { dtype: 'bool', shape: [2], data: Uint8Array.of(0, 1) },
    });
  });

  test('fingerprints tell programs apart by what they compute', async () => {
    await using one = await device.compile(gradients(network, 2));
    await using same = await device.compile(gradients(network, 2));
    await using other = await device.compile(gradients(network, 3));
    expect(same.fingerprint).toBe(one.fingerprint);
    expect(other.fingerprint).not.toBe(one.fingerprint);
    expect(one.fingerprint).toContain(DAWN);
    expect(one.fingerprint).toContain('swiftshader');
    expect(one.scratchBytes).toBeGreaterThan(0);
  });

  async function run(graph: Graph, feeds: Tensors, values: Tensors = {}): Promise<Tensors> {
    await using state = await device.createState(values);
    await using program = await device.compile(graph);
    return await program.run(state, feeds).read();
  }
});

test('the version in fingerprints is the one that we depend on', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  expect(DAWN).toBe(`webgpu@${manifest.dependencies['webgpu']}`);
});

test('without an id, a software driver is not taken', async ({ skip }) => {
  skip(
    adapters.some(({ kind }) => kind === 'gpu'),
    'this machine has a GPU',
  );
  await expect(webgpu.open()).rejects.toThrow(BackendError);
  const probe = await webgpu.probe();
  expect(probe.ok).toBe(adapters.length > 0);
});

/** y = x + x */
function doubled(size: number): Graph {
  const b = new GraphBuilder('doubled');
  const x = b.input('x', { dtype: 'float32', shape: [size] });
  b.output('y', b.op.add(x, x));
  return b.build();
}

/** w' = w + 1 */
function counting(name: string): Graph {
  const b = new GraphBuilder(name);
  b.update('w', b.op.add(b.state('w', { dtype: 'float32', shape: [] }), b.scalar(1)));
  return b.build();
}

/** Enough work that a device is lost in the middle of it. */
function slow(): Graph {
  const b = new GraphBuilder('slow');
  const x = b.input('x', { dtype: 'float32', shape: [] });
  const w = b.state('w', { dtype: 'float32', shape: [] });
  let y = b.op.broadcast(b.op.mul(x, w), { shape: [2 ** 18] });
  for (let i = 0; i < 20; i++) y = b.op.exp(b.op.sub(y, b.fill(1, y.shape)));
  b.output('y', y);
  return b.build();
}
