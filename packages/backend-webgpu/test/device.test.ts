// Tests that the conformance suite cannot run: memory, limits, losses and failures of this device, and sizes that need several
// dispatches. They run on the software driver; on machines without it, they are skipped with the reason.
import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { OpenAdapter } from '../src/adapters/gpu.ts';
import { listAdapters, openAdapter } from '../src/adapters/open.ts';
import { Context } from '../src/context.ts';
import { deviceOver } from '../src/device.ts';
import { webgpu } from '../src/index.ts';
import { network, randomGraph } from './graphs.ts';

const { adapters, absent } = await listAdapters();
const missing = adapters.some(({ id }) => id === 'software')
  ? undefined
  : absent.map(({ reason }) => reason).join('; ');

const why = missing === undefined ? '' : `: ${missing}`;

describe.skipIf(missing !== undefined)(`the software device${why}`, () => {
  let adapter: OpenAdapter;
  let device: Device;
  /** Every buffer that was created, and whether it was destroyed. */
  let buffers: { readonly buffer: GPUBuffer; readonly label: string; destroyed: boolean }[];

  beforeEach(async () => {
    adapter = await openAdapter('software');
    device = deviceOver(adapter);
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

  test('20 training steps create no buffers after the second step, and disposal leaves none', async () => {
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
      inputs: float32(
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

  test('a discarded run returns its staging buffer', async () => {
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

  test('sharing memory changes no bit of random graphs', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const { graph, feeds, state } = randomGraph(seed);
      const [shared, alone] = [
        await run(graph, feeds, state),
        await run(randomGraph(seed, 'all').graph, feeds, state),
      ];
      expect(alone).toMatchObject(shared);
    }
  });

  test('reductions work over several dispatches and more workgroups than fit in one dimension', async () => {
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

  test("a filter's gradient over many pixels sums its slabs in two passes", async () => {
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

  test('a tensor over the limits is rejected before anything runs', async () => {
    const size = adapter.device.limits.maxStorageBufferBindingSize / 4 + 1;
    const text =
      /float32 \[268435457\] takes 1025 MiB on the device, but this adapter binds at most 1024 MiB/;
    const large = new GraphBuilder('large');
    large.output('y', large.op.reduceSum(large.fill(1, [size]), { axes: [0] }));
    const rejected = device.compile(large.build());
    await expect(rejected).rejects.toThrow(UnsupportedOpError);
    await expect(rejected).rejects.toThrow(text);

    const fed = new GraphBuilder('fed');
    fed.input('x', { dtype: 'float32', shape: [size] });
    fed.output('y', fed.scalar(1));
    await expect(device.compile(fed.build())).rejects.toThrow(text);

    const half = new GraphBuilder('half');
    const x = half.input('x', { dtype: 'float32', shape: [size - 1] });
    half.output('x', x);
    half.output('again', x);
    await expect(device.compile(half.build())).rejects.toThrow('half: outputs: together they take 2048 MiB');
    expect(live()).toEqual([]);
  });

  test('every input, state entry and output that does not fit is listed', async () => {
    const size = adapter.device.limits.maxStorageBufferBindingSize / 4 + 1;
    const b = new GraphBuilder('several');
    b.input('x', { dtype: 'float32', shape: [size] });
    b.input('small', { dtype: 'float32', shape: [1] });
    b.output('w', b.state('w', { dtype: 'float32', shape: [size, 2] }));
    const error: unknown = await device.compile(b.build()).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UnsupportedOpError);
    const fits = 'but this adapter binds at most 1024 MiB; use a smaller batch';
    const reasons = {
      x: `float32 [${size}] takes 1025 MiB on the device, ${fits}`,
      w: `float32 [${size}, 2] takes 2049 MiB on the device, ${fits}`,
      outputs: `together they take 2049 MiB on the device, ${fits}`,
    };
    expect(error).toMatchObject({
      message: `several: input "x": ${reasons.x}; state "w": ${reasons.w}; outputs: ${reasons.outputs}`,
      refusals: [
        { node: 'input "x"', op: 'input', reason: reasons.x },
        { node: 'state "w"', op: 'state', reason: reasons.w },
        { node: 'outputs', op: 'output', reason: reasons.outputs },
      ],
    });
  });

  test('a staging buffer whose creation failed is not reused', async () => {
    await using program = await device.compile(doubled(4));
    const make = adapter.device.createBuffer.bind(adapter.device);
    adapter.device.createBuffer = (descriptor) => make({ ...descriptor, size: 2 ** 40 });
    await using failed = await device.createState({});
    const feeds = { x: float32([4], [0, 1, 2, 3]) };
    await expect(program.run(failed, feeds).read()).rejects.toThrow(/^doubled: /);
    adapter.device.createBuffer = make;
    expect(live().filter((label) => label === 'doubled outputs')).toEqual([]);
    await using state = await device.createState({});
    const { y } = await program.run(state, feeds).read();
    expect(y?.data).toEqual(Float32Array.of(0, 2, 4, 6));
  });

  test('a lost device rejects pending and later operations', async () => {
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

  test('a failed run poisons its state until it is written', async () => {
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
    // The failed run may have changed w, so nothing can be read until w is written.
    await state.write({ idle: scalar(1) });
    await expect(state.read()).rejects.toEqual(poisoned);
    await state.write({ w: scalar(5) });
    const { w, idle } = await state.read();
    expect([w?.data, idle?.data]).toEqual([Float32Array.of(5), Float32Array.of(1)]);
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
      acceptsScalars: false,
    };
    const failure = context.pipeline(dispatch, 'conv2d "b1.conv"');
    await expect(failure).rejects.toThrow(BackendError);
    await expect(failure).rejects.toThrow(/^conv2d "b1.conv": .*nonsense/);
  });

  test("disposed programs and another device's state are rejected", async () => {
    const program = await device.compile(doubled(1));
    await using state = await device.createState({});
    await using other = deviceOver(await openAdapter('software'));
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

  test('frozen weights keep their values', async () => {
    await using state = await device.createState({ w: scalar(3) });
    const b = new GraphBuilder('frozen');
    const w = b.state('w', { dtype: 'float32', shape: [] });
    b.output('y', b.op.add(w, w));
    await using program = await device.compile(b.build(), { frozen: state });
    await state.write({ w: scalar(100) });
    expect((await program.run(state, {}).read())['y']?.data).toEqual(Float32Array.of(6));
  });

  test('bools survive the round trip to the device', async () => {
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

  test('plan ids depend on the computation and on the options of the device', async () => {
    await using one = await device.compile(gradients(network, 2));
    await using same = await device.compile(gradients(network, 2));
    await using other = await device.compile(gradients(network, 3));
    expect(same.plan).toEqual(one.plan);
    expect(other.plan.id).not.toBe(one.plan.id);
    expect(one.plan.id).toMatch(/^webgpu-[0-9a-f]{32}$/);

    await using again = deviceOver(await openAdapter('software'));
    await using equal = await again.compile(gradients(network, 2));
    expect(equal.plan.id).toBe(one.plan.id);
    await using limited = await webgpu.open({ device: 'software', limits: { maxBufferSize: 2 ** 28 } });
    await using within = await limited.compile(gradients(network, 2));
    expect(within.plan.id).not.toBe(one.plan.id);
  });

  test.each([
    ['no options', () => ({})],
    ['options that are undefined', () => ({ limits: undefined, device: undefined })],
    ['a limit of the adapter itself', ({ maxBufferSize }) => ({ limits: { maxBufferSize } })],
    ['a limit that affects no plan', () => ({ limits: { maxComputeWorkgroupSizeX: 128 } })],
  ] satisfies [string, (limits: OpenAdapter['limits']) => object][])(
    '%s: the plan ids are the same',
    async (_, options) => {
      await using program = await device.compile(doubled(4));
      await using opened = await webgpu.open({ ...options(adapter.limits), device: 'software' });
      await using same = await opened.compile(doubled(4));
      expect(same.plan.id).toBe(program.plan.id);
    },
  );

  test('a program reports the size of its buffers', async () => {
    const total = (list: typeof buffers): number => list.reduce((sum, { buffer }) => sum + buffer.size, 0);
    await using state = await device.createState({ w: scalar(1) });
    const before = total(buffers);
    await using program = await device.compile(counting('counted'));
    expect(program.bytes).toBe(total(buffers) - before);
    // The scratch buffer holds w + 1, the constant is 1, and the params are two strides and the number of threads.
    expect(buffers.slice(-3).map(({ label }) => label)).toEqual([
      'counted scratch 0',
      'counted constant %1',
      'counted params',
    ]);
    await program.run(state, {}).read();
    expect(program.bytes).toBe(total(buffers) - before);
  });

  test('requested limits are enforced', async () => {
    await using limited = await webgpu.open({ device: 'software', limits: { maxBufferSize: 2 ** 20 } });
    await using program = await limited.compile(doubled(2 ** 18));
    expect(program.bytes).toBeGreaterThan(2 ** 20);
    await expect(limited.compile(doubled(2 ** 18 + 1))).rejects.toThrow(
      'float32 [262145] takes 2 MiB on the device, but this adapter binds at most 1 MiB; use a smaller batch',
    );
  });

  test.each([
    ['closed', (opened: Device) => opened[Symbol.asyncDispose]()],
    ['lost and never closed', (_: Device, gpu: GPUDevice) => gpu.destroy()],
  ] as const)('devices that are %s leave no threads behind', async (_, end) => {
    const threads = (): number => readdirSync('/proc/self/task').length;
    const openAndClose = async (): Promise<void> => {
      const open = await openAdapter('software');
      const opened = deviceOver(open);
      const program = await opened.compile(doubled(4));
      const state = await opened.createState({});
      const feeds = { x: float32([4], [1, 2, 3, 4]) };
      await program.run(state, feeds).read();
      program.run(state, feeds); // The run, the state and the program are not disposed: they end with the device.
      await end(opened, open.device);
      await open.lost;
    };
    // Dawn ends a device's threads when its JavaScript object is garbage-collected.
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await openAndClose();
    collect();
    const first = threads();
    for (let i = 0; i < 8; i++) await openAndClose();
    await vi.waitFor(() => {
      collect();
      expect(threads()).toBeLessThan(first + 4);
    });
  });

  test('closing disposes a device without reporting a loss, even after a loss', async () => {
    const lost = vi.fn<() => void>();
    void device.lost.then(lost);
    await device[Symbol.asyncDispose]();
    await adapter.lost;
    const message = 'webgpu: the device is disposed; open it again';
    await expect(device.compile(doubled(1))).rejects.toThrow(message);
    expect(lost).not.toHaveBeenCalled();

    const other = await openAdapter('software');
    const gone = deviceOver(other);
    other.device.destroy();
    await expect(gone.lost).resolves.toContain('destroyed');
    await gone[Symbol.asyncDispose]();
    await expect(gone.compile(doubled(1))).rejects.toThrow(message);
  });

  test('reads requested before a disposal complete, and unread runs leave no buffers', async () => {
    const state = await device.createState({ w: scalar(1) });
    const program = await device.compile(slow());
    const [early, late] = [0, 1].map(() => program.run(state, { x: scalar(2) }));
    program.run(state, { x: scalar(2) });
    const first = early?.read();
    const held = state.read();
    const disposal = device[Symbol.asyncDispose]();
    await expect(late?.read()).resolves.toEqual(await first);
    expect((await held)['w']?.data).toEqual(Float32Array.of(1));
    await disposal;
    expect(live()).toEqual([]);
  });

  test('a frozen state without an entry of the graph is rejected', async () => {
    await using state = await device.createState({ other: scalar(3) });
    const compiled = device.compile(counting('frozen'), { frozen: state });
    await expect(compiled).rejects.toMatchObject({ code: 'MISSING' });
  });

  async function run(graph: Graph, feeds: Tensors, values: Tensors = {}): Promise<Tensors> {
    await using state = await device.createState(values);
    await using program = await device.compile(graph);
    return await program.run(state, feeds).read();
  }
});

test.each([
  [{ threads: 2 }, 'webgpu: unknown option "threads"; known: device, limits'],
  [{ tf32: true }, 'webgpu: unknown option "tf32"; known: device, limits'],
])('the option %j is rejected', async (options, message) => {
  const error: unknown = await webgpu.open(options).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'UNKNOWN_OPTION', message });
});

test('without an id, no software driver is opened', async ({ skip }) => {
  skip(
    adapters.some(({ kind }) => kind === 'gpu'),
    'this machine has a GPU',
  );
  await expect(webgpu.open()).rejects.toThrow(BackendError);
  const probe = await webgpu.probe();
  expect(probe.ok).toBe(adapters.length > 0);
});

/** Builds y = x + x. */
function doubled(size: number): Graph {
  const b = new GraphBuilder('doubled');
  const x = b.input('x', { dtype: 'float32', shape: [size] });
  b.output('y', b.op.add(x, x));
  return b.build();
}

/** Builds w' = w + 1. */
function counting(name: string): Graph {
  const b = new GraphBuilder(name);
  b.update('w', b.op.add(b.state('w', { dtype: 'float32', shape: [] }), b.scalar(1)));
  return b.build();
}

/** Builds a graph with enough work that the device can be lost in the middle of a run. */
function slow(): Graph {
  const b = new GraphBuilder('slow');
  const x = b.input('x', { dtype: 'float32', shape: [] });
  const w = b.state('w', { dtype: 'float32', shape: [] });
  let y = b.op.broadcast(b.op.mul(x, w), { shape: [2 ** 18] });
  for (let i = 0; i < 20; i++) y = b.op.exp(b.op.sub(y, b.fill(1, y.shape)));
  b.output('y', y);
  return b.build();
}
