// Tests of the backend contract that the conformance suite does not cover: disposal and failures.
import type { Device, Graph, State } from '@isonet/core';
import { BackendError, float32, GraphBuilder, scalar } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { reference } from '../src/index.ts';

/** Builds a graph that adds 1 to its count and outputs the old count. */
function counting(): Graph {
  const b = new GraphBuilder('counting');
  const count = b.state('count', { dtype: 'float32', shape: [] });
  b.output('before', count);
  b.update('count', b.op.add(count, b.scalar(1)));
  return b.build();
}

/** Builds a graph whose result has 2^60 elements, more than any machine can allocate. */
function impossible(): Graph {
  const b = new GraphBuilder('impossible');
  const count = b.state('count', { dtype: 'float32', shape: [] });
  b.output('y', b.op.broadcast(count, { shape: [2 ** 30, 2 ** 30] }));
  b.update('count', b.op.add(count, b.scalar(100)));
  return b.build();
}

async function opened(): Promise<{ device: Device; state: State }> {
  const device = await reference.open();
  return { device, state: await device.createState({ count: scalar(1) }) };
}

describe('the backend', () => {
  it('has one device, and names it when another is requested', async () => {
    const probe = await reference.probe();
    expect(probe).toMatchObject({ ok: true, devices: [{ id: 'cpu', kind: 'cpu' }] });
    await expect(reference.open({ device: 'gpu' })).rejects.toThrow('reference: no device "gpu"; use "cpu"');
    const { numerics } = await reference.open({ device: 'cpu' });
    expect(numerics.float32).toMatchObject({ heldAs: 'float64', reproducible: true });
    await expect(reference.open({ threads: 2 })).rejects.toMatchObject({
      code: 'UNKNOWN_OPTION',
      message: 'reference: unknown option "threads"; known: device',
    });
  });

  it('returns the same plan for the same graph and a different plan for a different graph', async () => {
    const { device } = await opened();
    const { plan } = await device.compile(counting());
    expect(plan).toEqual({ id: expect.stringMatching(/^reference-[0-9a-f]{32}$/) as unknown });
    expect((await device.compile(counting())).plan).toEqual(plan);
    expect((await device.compile(impossible())).plan).not.toEqual(plan);
    await expect(device.compile(counting(), { plan: { format: 'tiles', version: 1 } })).rejects.toMatchObject(
      {
        code: 'PLAN',
      },
    );
  });

  it('runs only primitives: composites are decomposed', async () => {
    const { device } = await opened();
    const b = new GraphBuilder('relu');
    const x = b.input('x', { dtype: 'float32', shape: [2] });
    b.output('y', b.op.relu(x));
    const graph = b.build();
    const program = await device.compile(graph);
    expect(program.graph.nodes.map(({ op }) => op)).toEqual(['broadcast', 'max']);
  });
});

describe('a failed run', () => {
  it('poisons the state until it is written', async () => {
    const { device, state } = await opened();
    const [count, fail] = [await device.compile(counting()), await device.compile(impossible())];
    await expect(fail.run(state, {}).read()).rejects.toMatchObject({
      code: 'RUN',
      message: expect.stringMatching(/^impossible: the run failed: /) as unknown,
      cause: expect.any(RangeError) as unknown,
    });
    await expect(count.run(state, {}).read()).rejects.toThrow(
      'state: an earlier run failed; write every value that it updates before using the state again',
    );
    await expect(state.read()).rejects.toMatchObject({
      code: 'POISONED',
      cause: expect.any(RangeError) as unknown,
    });
    await state.write({ count: scalar(5) });
    expect(await count.run(state, {}).read()).toMatchObject({ before: { data: Float64Array.of(5) } });
  });

  it('causes no unhandled rejection if its result is never read', async () => {
    const { device, state } = await opened();
    const fail = await device.compile(impossible());
    fail.run(state, {}).discard();
    fail.run(state, {});
    // An unhandled rejection would end the process within one turn of the event loop.
    await new Promise((resolve) => setTimeout(resolve, 0));
    await expect(state.read()).rejects.toThrow(BackendError);
  });
});

describe('use after disposal or reading is rejected', () => {
  it('for a disposed device, program and state', async () => {
    const { device, state } = await opened();
    const program = await device.compile(counting());
    const other = await device.createState({ count: scalar(1) });
    await state[Symbol.asyncDispose]();
    await expect(program.run(state, {}).read()).rejects.toThrow('state: the state is disposed');
    await expect(state.read()).rejects.toThrow('state: the state is disposed');
    await expect(state.write({ count: scalar(1) })).rejects.toThrow('state: the state is disposed');
    await program[Symbol.asyncDispose]();
    await expect(program.run(other, {}).read()).rejects.toThrow('counting: the program is disposed');
    await device[Symbol.asyncDispose]();
    await expect(device.compile(counting())).rejects.toThrow(
      'reference: the device is disposed; open it again',
    );
    await expect(device.createState({})).rejects.toThrow('reference: the device is disposed; open it again');
  });

  it('for an execution that was already read or discarded', async () => {
    const { device, state } = await opened();
    const program = await device.compile(counting());
    const [read, discarded] = [program.run(state, {}), program.run(state, {})];
    await read.read();
    discarded.discard();
    for (const execution of [read, discarded]) {
      await expect(execution.read()).rejects.toThrow('counting: this run was already read or discarded');
    }
  });

  it("for another backend's state", async () => {
    const { device, state } = await opened();
    const program = await device.compile(counting());
    await expect(program.run({ ...state }, {}).read()).rejects.toMatchObject({ code: 'FOREIGN_STATE' });
  });
});

describe('memory', () => {
  it('results are copies that the caller owns', async () => {
    const { device, state } = await opened();
    const b = new GraphBuilder('same');
    const x = b.input('x', { dtype: 'float32', shape: [2] });
    b.output('first', x);
    b.output('second', x);
    const program = await device.compile(b.build());
    const { first, second } = await program.run(state, { x: float32([2], [1, 2]) }).read();
    first?.data.fill(9);
    expect(second?.data).toEqual(Float64Array.of(1, 2));
  });
});
