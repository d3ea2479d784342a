// Devices in other threads behave like local ones.
import {
  BackendError,
  DataError,
  DeviceLostError,
  float32,
  GraphBuilder,
  GraphError,
  UnsupportedOpError,
} from '@isonet/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loops, SLOW_MS } from './remote/loops.ts';
import {
  endAll,
  openInWorker,
  overChannel,
  pair,
  prepared,
  shape,
  stepping,
  type,
  valuesOf,
  withEvents,
} from './remote/support.ts';

afterEach(endAll);

describe.each([
  ['over a MessageChannel', async () => overChannel().open()],
  ['over the ports of browsers', async () => overChannel(withEvents).open()],
  ['in a worker', async () => (await openInWorker()).device],
] as const)('a device %s', (_, open) => {
  it('describes itself and its programs like a local device', async () => {
    const [here, there] = [await loops.open(), await open()];
    expect(there.info).toEqual(here.info);
    expect(there.numerics).toEqual(here.numerics);
    const [mine, its] = [await here.compile(stepping()), await there.compile(stepping())];
    expect(its.graph).toEqual(mine.graph);
    expect(its.plan).toEqual(mine.plan);
    expect(its.bytes).toBe(64);
  });

  it('copies feeds that are views of one buffer without detaching them', async () => {
    const b = new GraphBuilder('two feeds');
    b.output('sum', b.op.add(b.input('x', type), b.input('y', type)));
    const device = await open();
    const program = await device.compile(b.build());
    const state = await device.createState({});
    const { buffer } = Float32Array.of(9, 1, 2, 3, 4, 9);
    const feeds = {
      x: float32(shape, new Float32Array(buffer, 4, 2)),
      y: float32(shape, new Float32Array(buffer, 12, 2)),
    };
    const first = program.run(state, feeds);
    feeds.x.data.fill(100);
    expect(valuesOf(await first.read())).toEqual({ sum: [4, 6] });
    expect(valuesOf(await program.run(state, feeds).read())).toEqual({ sum: [103, 104] });
  });

  it('copies shared memory and constants', async () => {
    const shared = new Float32Array(new SharedArrayBuffer(16));
    shared.set([1, 2, 3, 4]);
    const b = new GraphBuilder('constant');
    b.output('sum', b.op.add(b.input('x', type), b.constant(float32(shape, shared.subarray(2)))));
    const device = await open();
    const compiling = device.compile(b.build());
    shared.set([7, 7], 2);
    const program = await compiling;
    const state = await device.createState({ w: float32(shape, shared.subarray(0, 2)) });
    const run = program.run(state, { x: float32(shape, shared.subarray(0, 2)) });
    shared.fill(50);
    expect(valuesOf(await run.read())).toEqual({ sum: [4, 6] });
    expect(valuesOf(await state.read())).toEqual({ w: [1, 2] });
    expect(program.graph.constants[0]?.data.data.buffer.byteLength).toBe(8);
  });

  it('keeps an output that is also an update', async () => {
    const { program, state } = await prepared(await open());
    const runs = [1, 2, 3].map((x) => program.run(state, { x: pair(x, x) }));
    const [first, second, third] = runs;
    expect(valuesOf((await third?.read(['w'])) ?? {})).toEqual({ w: [7, 8] });
    expect(valuesOf(await state.read())).toEqual({ w: [7, 8] });
    const read = (await first?.read()) ?? {};
    expect(valuesOf(read)).toEqual({ y: [1, 2], w: [2, 3] });
    read['w']?.data.fill(0);
    expect(valuesOf((await second?.read()) ?? {})).toEqual({ y: [4, 6], w: [4, 5] });
    expect(valuesOf(await state.read(['w']))).toEqual({ w: [7, 8] });
  });

  it('runs everything in call order', async () => {
    const { program, state } = await prepared(await open());
    const given = pair(10, 20);
    const first = program.run(state, { x: pair(1, 1) });
    const afterFirst = state.read();
    const written = state.write({ w: given });
    given.data.fill(0);
    program.run(state, { x: pair(2, 2) }).discard();
    const last = program.run(state, { x: pair(3, 3) });
    expect(valuesOf(await state.read())).toEqual({ w: [15, 25] });
    expect(valuesOf(await afterFirst)).toEqual({ w: [2, 3] });
    expect(valuesOf(await last.read(['y']))).toEqual({ y: [36, 66] });
    expect(valuesOf(await first.read(['y']))).toEqual({ y: [1, 2] });
    await written;
  });

  it('bakes in a frozen state as it was at the call', async () => {
    const device = await open();
    const state = await device.createState({ w: pair(1, 2) });
    const compiling = device.compile(stepping(), { frozen: state });
    await state.write({ w: pair(5, 5) });
    const program = await compiling;
    expect(valuesOf(await program.run(state, { x: pair(1, 1) }).read(['y']))).toEqual({ y: [5, 5] });
    const plan = { format: 'loops', version: 1 };
    await expect(device.compile(stepping(), { plan })).rejects.toMatchObject({ code: 'PLAN' });
  });

  it('reads or discards an execution once, and only existing outputs', async () => {
    const { program, state } = await prepared(await open());
    const run = program.run(state, { x: pair(1, 1) });
    await expect(run.accepted).resolves.toBeUndefined();
    await expect(run.read(['z'])).rejects.toThrow(DataError);
    expect(Object.keys(await run.read(['y']))).toEqual(['y']);
    await expect(run.read()).rejects.toMatchObject({ code: 'CONSUMED' });
    const discarded = program.run(state, { x: pair(1, 1) });
    discarded.discard();
    discarded.discard();
    await expect(discarded.read()).rejects.toMatchObject({ code: 'CONSUMED' });
  });

  it('rejects states of other devices before anything is sent', async () => {
    const [device, other] = [await open(), await open()];
    const { program, state } = await prepared(device);
    const foreign = await other.createState({ w: pair(1, 2) });
    const code = 'FOREIGN_STATE';
    for (const one of [foreign, await (await loops.open()).createState({ w: pair(1, 2) })]) {
      const run = program.run(one, { x: pair(1, 1) });
      await expect(run.accepted).rejects.toMatchObject({ code });
      await expect(run.read()).rejects.toMatchObject({ code });
      await expect(device.compile(stepping(), { frozen: one })).rejects.toMatchObject({ code });
    }
    expect(valuesOf(await state.read())).toEqual({ w: [1, 2] });
  });

  it('rebuilds errors with their classes, codes and causes', async () => {
    const device = await open();
    const { program, state } = await prepared(device);
    await expect(state.read(['v'])).rejects.toThrow(DataError);
    await expect(state.read(['v'])).rejects.toMatchObject({ code: 'UNKNOWN', name: 'DataError' });
    await expect(program.run(state, {}).accepted).rejects.toMatchObject({ code: 'MISSING' });
    const nothing = await device.createState({});
    const refused = program.run(nothing, { x: pair(1, 1) });
    await expect(refused.accepted).rejects.toThrow(DataError);
    await expect(refused.read()).rejects.toThrow('state: "w" (float32 [2]) is missing');

    const b = new GraphBuilder('unsupported');
    b.output('y', b.op.exp(b.op.tanh(b.input('x', type))));
    const unsupported: unknown = await device.compile(b.build()).catch((error: unknown) => error);
    expect(unsupported).toBeInstanceOf(UnsupportedOpError);
    expect(unsupported).toMatchObject({
      code: 'UNSUPPORTED_OP',
      refusals: [
        { op: 'tanh', reason: 'loops has no tanh' },
        { op: 'exp', reason: 'loops has no exp' },
      ],
    });
    const dangling = { ...stepping(), outputs: [{ name: 'y', value: 99 }] };
    await expect(device.compile(dangling)).rejects.toThrow(GraphError);
  });

  it('poisons the state of a failed run, whose `accepted` still resolves', async () => {
    const device = await open();
    const { program: broken, state } = await prepared(device, stepping('broken'));
    const run = broken.run(state, { x: pair(1, 1) });
    await expect(run.accepted).resolves.toBeUndefined();
    const failure: unknown = await run.read().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BackendError);
    expect(failure).toMatchObject({ code: 'RUN', message: 'broken: the run failed: out of range' });
    const { cause } = failure as Error;
    expect(cause).toMatchObject({ name: 'RangeError', message: 'out of range' });
    expect((cause as Error).cause).toBeInstanceOf(BackendError);
    expect((cause as Error).cause).toMatchObject({ code: 'INNER' });
    const poisoned: unknown = await state.read().catch((error: unknown) => error);
    expect(poisoned).toMatchObject({ name: 'BackendError', code: 'POISONED', cause: { name: 'RangeError' } });

    await state.write({ w: pair(3, 4) });
    const wrong = await device.compile(stepping('wrong data'));
    const read = wrong.run(state, { x: pair(1, 1) }).read();
    await expect(read).rejects.toThrow(DataError);
    await expect(read).rejects.toMatchObject({ code: 'WRONG', cause: { name: 'TypeError' } });
  });

  it('causes no unhandled rejection for failures that are not read', async () => {
    const unheard = vi.fn<() => void>();
    process.on('unhandledRejection', unheard);
    const { program, state } = await prepared(await open(), stepping('broken'));
    program.run(state, { x: pair(1, 1) });
    program.run(state, {});
    program.run(state, { x: pair(1, 1) }).discard();
    await expect(state.read()).rejects.toMatchObject({ code: 'POISONED' });
    await new Promise((resolve) => setTimeout(resolve));
    process.off('unhandledRejection', unheard);
    expect(unheard).not.toHaveBeenCalled();
  });

  it('is disposed once, after the current run, with its states and programs', async () => {
    const device = await open();
    const { program, state } = await prepared(device, stepping('slow'));
    const before = performance.now();
    const read = program.run(state, { x: pair(1, 1) }).read();
    const after = state.read();
    await Promise.all([device[Symbol.asyncDispose](), device[Symbol.asyncDispose]()]);
    expect(performance.now() - before).toBeGreaterThan(SLOW_MS * 0.9);
    expect(valuesOf(await read)).toEqual({ y: [1, 2], w: [2, 3] });
    expect(valuesOf(await after)).toEqual({ w: [2, 3] });

    const code = 'DISPOSED';
    await expect(program.run(state, { x: pair(1, 1) }).accepted).rejects.toMatchObject({ code });
    await expect(device.createState({})).rejects.toMatchObject({ code });
    await expect(state.read()).rejects.toMatchObject({ code });
    await program[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
  });

  it.each(['stepping', 'slow'])('can be read while its disposal is pending: %s', async (name) => {
    const device = await open();
    const { program, state } = await prepared(device, stepping(name));
    const [run, dropped] = [program.run(state, { x: pair(1, 1) }), program.run(state, { x: pair(1, 1) })];
    const disposal = device[Symbol.asyncDispose]();
    const read = run.read();
    dropped.discard();
    await disposal;
    expect(valuesOf(await read)).toEqual({ y: [1, 2], w: [2, 3] });
  });

  it('accepts a second disposal of states and programs, and then rejects their use', async () => {
    const device = await open();
    const { program, state } = await prepared(device);
    const kept = await device.createState({ w: pair(1, 2) });
    for (const one of [state, state, program, program]) await one[Symbol.asyncDispose]();
    const code = 'DISPOSED';
    await expect(state.read()).rejects.toMatchObject({ code });
    await expect(state.write({})).rejects.toMatchObject({ code });
    await expect(program.run(kept, { x: pair(1, 1) }).read()).rejects.toMatchObject({ code });
    const another = await device.compile(stepping());
    await expect(another.run(state, { x: pair(1, 1) }).accepted).rejects.toMatchObject({ code });
    expect(valuesOf(await kept.read())).toEqual({ w: [1, 2] });
  });

  it('is lost with the reason of the served device', async () => {
    const device = await open();
    const { program, state } = await prepared(device, stepping('lost'));
    const run = program.run(state, { x: pair(1, 1) });
    await expect(device.lost).resolves.toBe('the driver was reset');
    await expect(run.read()).rejects.toThrow(DeviceLostError);
    await expect(state.read()).rejects.toMatchObject({
      code: 'DEVICE_LOST',
      message: 'the driver was reset',
    });
  });
});
