// Tests the kit's rules on tiny backends that can fail on demand: order, commits, poisoning, disposal, plans.
import type { Device, Executable, Graph, Program, RunRequest, State, Tensor } from '@isonet/core';
import {
  BackendError,
  float32,
  GraphBuilder,
  makeDevice,
  ProgramCache,
  scalar,
  UnsupportedOpError,
} from '@isonet/core';
import { describe, expect, it, vi } from 'vitest';

type Order = 'immediate' | 'queued';
type Run = (request: RunRequest<Tensor>) => ReturnType<Executable<Tensor>['run']>;

/**
 * Builds count' = count + step, with the old count as output. Only the names and types of the graph matter, because the
 * backend below computes the values.
 */
function counting(): Graph {
  const b = new GraphBuilder('counting');
  const step = b.input('step', { dtype: 'float32', shape: [] });
  const before = b.state('count', { dtype: 'float32', shape: [] });
  b.output('before', before);
  b.update('count', b.op.add(before, step));
  return b.build();
}

const numberOf = (tensor: Tensor | undefined): number => Number(tensor?.data[0]);

/** Runs the counting graph; a step of NaN fails. */
function count({ feeds: [step], state: [before] }: RunRequest<Tensor>): ReturnType<Run> {
  if (Number.isNaN(numberOf(step))) throw new Error('a step that is not a number');
  return {
    updates: [scalar(numberOf(before) + numberOf(step))],
    outputs: { read: () => ({ before: scalar(numberOf(before)) }) },
  };
}

async function opened(
  order: Order,
  run: Run = count,
  free?: (values: readonly Tensor[]) => void,
): Promise<{ device: Device; program: Program; state: State }> {
  const device = makeDevice<Tensor>({
    backend: 'counter',
    info: { id: 'cpu', kind: 'cpu', text: 'a counter' },
    numerics: {
      float32: {
        heldAs: 'float32',
        reproducible: true,
        subnormals: true,
        nonFinite: true,
        maxima: { max: 'all', reduceMax: 'all', maxPool2d: 'all' },
      },
    },
    runtime: 'counter 1',
    options: {},
    order,
    memory: {
      upload: (tensors) => tensors.map(({ tensor }) => structuredClone(tensor)),
      download: (entries) => Object.fromEntries(entries.map(({ name, handle }) => [name, handle])),
      ...(free ? { free } : {}),
    },
    supports: ({ op }) => op === 'add' || `${op} is not counting`,
    build: () => ({ run }),
  });
  const state = await device.createState({ count: scalar(1) });
  return { device, program: await device.compile(counting()), state };
}

/** Opens a device whose memory must be freed, and returns it with a log of what was freed. */
async function freeing(): Promise<Awaited<ReturnType<typeof opened>> & { readonly freed: string[] }> {
  const freed: string[] = [];
  const run: Run = async (request) => {
    const { updates, outputs } = await count(request);
    const discard = (): void => void freed.push(`outputs ${numberOf(request.state[0])} discarded`);
    return { ...(updates ? { updates } : {}), outputs: { ...outputs, discard } };
  };
  const free = (values: readonly Tensor[]): void => {
    freed.push(...values.map((value) => `count ${numberOf(value)}`));
  };
  return { ...(await opened('queued', run, free)), freed };
}

/** Like count, but asynchronous. */
const late: Run = async (request) => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  return count(request);
};

describe.each([
  ['immediate', count],
  ['queued', count],
  ['queued', late],
] as const)('a state whose jobs are %s', (order, run) => {
  it('runs jobs in the order in which they are requested', async () => {
    const { program, state } = await opened(order, run);
    const first = program.run(state, { step: scalar(1) });
    const seen = state.read();
    const write = state.write({ count: scalar(10) });
    const second = program.run(state, { step: scalar(2) });
    const last = state.read();
    expect(numberOf((await first.read())['before'])).toBe(1);
    expect(numberOf((await seen)['count'])).toBe(2);
    await write;
    expect(numberOf((await second.read())['before'])).toBe(10);
    expect(numberOf((await last)['count'])).toBe(12);
  });

  it('is poisoned by a failed run until it is written', async () => {
    const { program, state } = await opened(order, run);
    const failed = program.run(state, { step: scalar(NaN) });
    const next = program.run(state, { step: scalar(1) });
    // The first run was accepted before it failed; the second is rejected with the cause.
    await failed.accepted;
    await expect(failed.read()).rejects.toMatchObject({
      code: 'RUN',
      message: 'counting: the run failed: a step that is not a number',
    });
    await expect(next.read()).rejects.toMatchObject({ code: 'POISONED' });
    await expect(next.accepted).rejects.toMatchObject({ code: 'POISONED' });
    await expect(state.read()).rejects.toMatchObject({ code: 'POISONED' });
    await state.write({ count: scalar(5) });
    expect(numberOf((await state.read())['count'])).toBe(5);
    expect(numberOf((await program.run(state, { step: scalar(1) }).read())['before'])).toBe(5);
  });

  it('does not change when a run is refused', async () => {
    const { program, state } = await opened(order, run);
    const refused = program.run(state, { step: float32([2]) });
    await expect(refused.accepted).rejects.toMatchObject({ code: 'TYPE' });
    await expect(refused.read()).rejects.toMatchObject({ code: 'TYPE' });
    expect(numberOf((await state.read())['count'])).toBe(1);
  });

  it('runs jobs requested before disposal, and none after', async () => {
    const { program, state } = await opened(order, run);
    const before = program.run(state, { step: scalar(1) });
    await Promise.all([state[Symbol.asyncDispose](), state[Symbol.asyncDispose]()]);
    const after = program.run(state, { step: scalar(1) });
    expect(numberOf((await before.read())['before'])).toBe(1);
    await expect(after.read()).rejects.toMatchObject({ code: 'DISPOSED' });
    await expect(state.read()).rejects.toMatchObject({ code: 'DISPOSED' });
    await expect(state.write({ count: scalar(1) })).rejects.toMatchObject({ code: 'DISPOSED' });
  });

  it('is rejected by another device, frozen or not', async () => {
    const [mine, other] = [await opened(order, run), await opened(order, run)];
    const foreign = mine.program.run(other.state, { step: scalar(1) });
    await expect(foreign.read()).rejects.toMatchObject({ code: 'FOREIGN_STATE' });
    await expect(mine.device.compile(counting(), { frozen: other.state })).rejects.toMatchObject({
      code: 'FOREIGN_STATE',
    });
  });

  it('copies written values, and rounds float64 once', async () => {
    const { state } = await opened(order, run);
    const written = { count: { dtype: 'float64', shape: [], data: Float64Array.of(0.1) } } as const;
    const done = state.write(written);
    written.count.data.fill(7);
    await done;
    expect((await state.read())['count']).toMatchObject({ dtype: 'float32', data: Float32Array.of(0.1) });
  });
});

describe('a run that is submitted at once and fails later', () => {
  it('poisons the jobs submitted after it, unless a write came in between', async () => {
    let fail: (error: Error) => void = () => {};
    let nth = 0;
    const discard = vi.fn<() => void>();
    const { program, state } = await opened('immediate', (): ReturnType<Run> => {
      const outputs = { read: () => ({ before: scalar(0) }), discard };
      if (nth++ > 0) return Promise.resolve({ outputs });
      return new Promise((_, reject) => (fail = reject));
    });
    const [first, second] = [1, 2].map((step) => program.run(state, { step: scalar(step) }));
    const healed = state.write({ count: scalar(3) });
    const third = program.run(state, { step: scalar(3) });
    fail(new Error('lost on the way'));
    await expect(first?.read()).rejects.toMatchObject({ code: 'RUN' });
    await expect(second?.read()).rejects.toMatchObject({ code: 'POISONED' });
    expect(discard).toHaveBeenCalledTimes(1); // The result of the second run, which can no longer be read.
    await healed;
    await third.read();
    expect(numberOf((await state.read())['count'])).toBe(3);
  });
});

/** Doubles a and b. The backends below fail on it. */
function two(): Graph {
  const b = new GraphBuilder('two');
  for (const name of ['a', 'b']) {
    const before = b.state(name, { dtype: 'float32', shape: [] });
    b.update(name, b.op.add(before, before));
  }
  return b.build();
}

describe('a state that a failed run may have damaged', () => {
  it('is usable again once every value that the run updates is written', async () => {
    const { device } = await opened('immediate', () => {
      throw new Error('half done');
    });
    const state = await device.createState({ a: scalar(1), b: scalar(2), c: scalar(3) });
    const program = await device.compile(two());
    await expect(program.run(state, {}).read()).rejects.toMatchObject({ code: 'RUN' });
    await state.write({});
    await state.write({ a: scalar(4), c: scalar(5) });
    await expect(state.read()).rejects.toMatchObject({ code: 'POISONED' });
    await state.write({ b: scalar(6) });
    expect(Object.values(await state.read()).map(numberOf)).toEqual([4, 6, 5]);
  });

  it('stays poisoned when the failure surfaces after a write of only some entries', async () => {
    let fail: (error: Error) => void = () => {};
    const { device } = await opened('immediate', () => new Promise((_, reject) => (fail = reject)));
    const state = await device.createState({ a: scalar(1), b: scalar(2) });
    const program = await device.compile(two());
    const run = program.run(state, {});
    await state.write({ a: scalar(4) });
    const read = state.read();
    fail(new Error('lost on the way'));
    await expect(run.read()).rejects.toMatchObject({ code: 'RUN' });
    await expect(read).rejects.toMatchObject({ code: 'POISONED' });
    await state.write({ b: scalar(5) });
    expect(Object.values(await state.read()).map(numberOf)).toEqual([4, 5]);
  });
});

describe('a device', () => {
  it('is disposed after its runs finish, and then rejects everything', async () => {
    const { device, program, state } = await opened('queued', late);
    const run = program.run(state, { step: scalar(1) });
    await Promise.all([device[Symbol.asyncDispose](), device[Symbol.asyncDispose]()]);
    await run.accepted;
    for (const refused of [
      program.run(state, { step: scalar(1) }).read(),
      state.read(),
      state.write({}),
      device.createState({}),
      device.compile(counting()),
    ]) {
      await expect(refused).rejects.toMatchObject({ code: 'DISPOSED' });
    }
  });

  it('frees states that were never disposed of and unread outputs, once', async () => {
    const { device, program, state, freed } = await freeing();
    const other = await device.createState({ count: scalar(2) });
    await other[Symbol.asyncDispose]();
    const runs = [1, 2, 3].map((step) => program.run(state, { step: scalar(step) }));
    await runs[0]?.read();
    runs[1]?.discard();
    await runs[2]?.accepted;
    await device[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
    runs[2]?.discard();
    // The successive values of `count`, and the outputs of each unread run.
    expect(freed.filter((what) => what.startsWith('count')).toSorted()).toEqual([
      'count 1',
      'count 2',
      'count 2',
      'count 4',
      'count 7',
    ]);
    expect(freed.filter((what) => what.startsWith('outputs')).toSorted()).toEqual([
      'outputs 2 discarded',
      'outputs 4 discarded',
    ]);
  });

  it('frees a state that is created during disposal', async () => {
    const { device, freed } = await freeing();
    const creating = device.createState({ count: scalar(9) });
    const disposal = device[Symbol.asyncDispose]();
    await expect(creating).rejects.toMatchObject({
      code: 'DISPOSED',
      message: 'counter: the device is disposed; open it again',
    });
    await disposal;
    expect(freed.toSorted()).toEqual(['count 1', 'count 9']);
  });

  it('compiles with the frozen state as it was at the call, even if it is disposed of meanwhile', async () => {
    const { device, state } = await freeing();
    const compiling = device.compile(counting(), { frozen: state });
    await state[Symbol.asyncDispose]();
    await expect(compiling).resolves.toBeDefined();
  });

  it('disposes of a program that was still being compiled', async () => {
    const { device } = await opened('immediate');
    const compiling = device.compile(counting());
    await device[Symbol.asyncDispose]();
    await expect(compiling).rejects.toMatchObject({ code: 'DISPOSED' });
  });

  it('lists every node that it cannot run, with the reason', async () => {
    const { device } = await opened('immediate');
    const b = new GraphBuilder('others');
    const x = b.input('x', { dtype: 'float32', shape: [2] });
    b.output(
      'y',
      b.within({ layer: 'a' }, () => b.op.exp(b.op.add(x, x))),
    );
    b.output(
      'z',
      b.within({ layer: 'b' }, () => b.op.log(x)),
    );
    const refused: unknown = await device.compile(b.build()).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UnsupportedOpError);
    expect(refused).toMatchObject({
      message: 'the device cannot run exp "a": exp is not counting; log "b": log is not counting',
      refusals: [
        { node: 'exp "a"', op: 'exp', reason: 'exp is not counting' },
        { node: 'log "b"', op: 'log', reason: 'log is not counting' },
      ],
    });
  });

  it('rejects late state values when its order is immediate', async () => {
    const { program, state } = await opened('immediate', late);
    await expect(program.run(state, { step: scalar(1) }).read()).rejects.toMatchObject({ code: 'GRAPH' });
  });
});

describe('a cache of programs', () => {
  it('compiles once for concurrent requests, and again after a failure', async () => {
    const { device } = await opened('immediate');
    await using cache = new ProgramCache();
    const compile = vi.fn<() => Promise<Program>>(() => device.compile(counting()));
    const programs = await Promise.all([cache.get('a', compile), cache.get('a', compile)]);
    expect(compile).toHaveBeenCalledTimes(1);
    expect(programs[0]).toBe(programs[1]);
    const failing = async (): Promise<Program> => {
      throw new BackendError('COMPILE', 'not today');
    };
    await expect(cache.get('b', failing)).rejects.toThrow('not today');
    await expect(cache.get('b', compile)).resolves.toBeDefined();
  });

  it('disposes of a program that is still being compiled', async () => {
    const { device, state } = await opened('immediate');
    const cache = new ProgramCache();
    const made = cache.get('a', () => device.compile(counting()));
    await cache[Symbol.asyncDispose]();
    const refused = (await made).run(state, { step: scalar(1) });
    await expect(refused.read()).rejects.toMatchObject({ code: 'DISPOSED' });
    await expect(cache.get('a', () => device.compile(counting()))).rejects.toMatchObject({
      code: 'DISPOSED',
    });
  });
});
