// State: reads return what was written, several programs share a state, and the updates of a run are committed together.
import type { Graph, Tensor, Tensors, Value } from '@isonet/core';
import { DataError, float32, GraphBuilder, int32, scalar } from '@isonet/core';
import { distinct, integers } from '../case/data.ts';
import type { Check } from '../check/check.ts';
import { compare, elementAt, returnedType } from '../check/compare.ts';
import { runOnce } from '../oracle.ts';
import { allEqual, scenario } from './scenario.ts';

const type = { dtype: 'float32', shape: [2] } as const;
const vector = (...values: readonly number[]): Tensor => float32([values.length], values);

const roundTrip = scenario('contract/state-round-trip', async (device, findings) => {
  const values: Tensors = {
    numbers: vector(0, 1, -1.5, 2 ** 24 - 1, -3e38, 1e-30, Math.fround(0.1)),
    image: integers('image', [2, 3, 5, 7]),
    step: scalar(3),
    // float32 cannot represent the first of these.
    counts: int32([3], [2 ** 24 + 1, -7, 0]),
    flags: { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
  };
  await using state = await device.createState(values);
  const all = await state.read();
  for (const [name, expected] of Object.entries(values)) {
    const returned = returnedType(expected, device.numerics.float32.heldAs);
    findings.add(`the state after createState: ${name}`, compare(all[name], returned, expected.data));
  }

  const image = integers('another image', [2, 3, 5, 7]);
  await state.write({ image });
  const some = await state.read(['image', 'step']);
  allEqual(findings, 'the state after a write of image', some, { image: image.data, step: [3] });
  const names = Object.keys(some).toSorted().join();
  findings.holds("read(['image', 'step']) returns only these two values", names === 'image,step');

  await findings.rejects('a read of an unknown name', state.read(['images']), DataError);
  await findings.rejects('a write of an unknown name', state.write({ images: image }), DataError);
  await findings.rejects('a write of the wrong shape', state.write({ image: vector(1) }), DataError);
  findings.equal('the state after rejected writes', await state.read(), 'image', image.data);
});

const refused = scenario('contract/state-writes-are-checked', async (device, findings) => {
  const [a, b] = [vector(1, 2), int32([2], [3, 4])];
  await using state = await device.createState({ a, b });
  await findings.rejects('a write of int32 to float32', state.write({ a: b }), DataError);
  await findings.rejects('a write of float32 to int32', state.write({ b: a }), DataError);
  const partlyWrong = state.write({ a: vector(9, 9), b: vector(9, 9) });
  await findings.rejects('a write of two values, the second of the wrong dtype', partlyWrong, DataError);
  allEqual(findings, 'the state after rejected writes', await state.read(), { a: [1, 2], b: [3, 4] });

  await state.write({ a: { dtype: 'float64', shape: [2], data: Float64Array.of(0.5, 0.1) } });
  const { heldAs } = device.numerics.float32;
  const expected = [0.5, heldAs === 'float32' ? Math.fround(0.1) : 0.1];
  const written = (await state.read())['a'];
  findings.add('float64 written to float32', compare(written, returnedType(a, heldAs), expected));
});

/** x' = 2 * x + n */
function doubledPlus(n: number): Graph {
  const b = new GraphBuilder(`adding ${n}`);
  const x = b.state('x', type);
  b.update('x', b.op.add(b.op.add(x, x), b.fill(n, [2])));
  return b.build();
}

/**
 * Reads, writes and runs that are requested without waiting for one another. Each sees exactly the effects of those
 * requested before it.
 */
const inOrder = scenario('contract/state-reads-in-requested-order', async (device, findings) => {
  await using one = await device.compile(doubledPlus(1));
  await using five = await device.compile(doubledPlus(5));
  await using state = await device.createState({ x: vector(1, 2) });
  for (const program of [one, five, one]) program.run(state, {}).discard();
  const afterRuns = state.read();
  const writing = state.write({ x: vector(10, 20) });
  const afterWrite = state.read();
  five.run(state, {}).discard();
  const last = state.read();
  await writing;
  // 1 -> 3 -> 11 -> 23, 2 -> 5 -> 15 -> 31.
  findings.equal('a read requested after three runs', await afterRuns, 'x', [23, 31]);
  findings.equal('a read requested after a write', await afterWrite, 'x', [10, 20]);
  findings.equal('a read requested after a write and a run', await last, 'x', [25, 45]);
});

/** One program runs on two states in turn; then one program for each state is compiled with that state frozen. */
const twoStates = scenario('contract/two-states', async (device, findings) => {
  const b = new GraphBuilder('scaling');
  b.output('y', b.op.mul(b.input('x', type), b.state('w', type)));
  const graph = b.build();
  const feeds = { x: vector(1, 10) };
  await using first = await device.createState({ w: vector(2, 3) });
  await using second = await device.createState({ w: vector(5, 7) });
  await using program = await device.compile(graph);
  for (const [what, state, y] of [
    ['on the first of two states', first, [2, 30]],
    ['on the second of two states', second, [5, 70]],
    ['on the first of two states again', first, [2, 30]],
  ] as const) {
    findings.equal(`a run ${what}`, await program.run(state, feeds).read(), 'y', y);
  }
  await using frozenFirst = await device.compile(graph, { frozen: first });
  await using frozenSecond = await device.compile(graph, { frozen: second });
  for (const [what, frozen, state, y] of [
    ['the first state', frozenFirst, first, [2, 30]],
    ['the second state', frozenSecond, second, [5, 70]],
  ] as const) {
    findings.equal(`a run with ${what} frozen`, await frozen.run(state, feeds).read(), 'y', y);
  }
});

/** A state copies the values that it receives: overwriting their arrays later does not change it. */
const ownMemory = scenario('contract/state-has-its-own-memory', async (device, findings) => {
  const given = vector(1, 2, 3);
  await using state = await device.createState({ given });
  given.data.fill(9);
  const first = await state.read();
  findings.equal('the state after the given array was overwritten', first, 'given', [1, 2, 3]);
  const written = vector(4, 5, 6);
  await state.write({ given: written });
  written.data.fill(9);
  first['given']?.data.fill(9);
  const what = 'the state after a written and a read array were overwritten';
  findings.equal(what, await state.read(), 'given', [4, 5, 6]);
});

/** y = x * w, where `x` has `rows` rows and `w` has one. */
function scaled(rows: number): Graph {
  const b = new GraphBuilder(`scaled ${rows}`);
  const x = b.input('x', { dtype: 'float32', shape: [rows, 2] });
  const w = b.state('w', { dtype: 'float32', shape: [1, 2] });
  b.output('y', b.op.mul(x, b.op.broadcast(w, { shape: [rows, 2] })));
  return b.build();
}

const shared = scenario('contract/several-programs-one-state', async (device, findings) => {
  const moved = new GraphBuilder('moved');
  const w = moved.state('w', { dtype: 'float32', shape: [1, 2] });
  moved.update('w', moved.op.add(w, moved.fill(10, [1, 2])));

  await using state = await device.createState({ w: float32([1, 2], [1, 2]), idle: scalar(5) });
  await using one = await device.compile(scaled(1));
  await using three = await device.compile(scaled(3));
  await using move = await device.compile(moved.build());
  const before = await one.run(state, { x: float32([1, 2], [1, 1]) }).read();
  findings.equal('a run before the update by another program', before, 'y', [1, 2]);
  await move.run(state, {}).read();
  const after = await three.run(state, { x: float32([3, 2], [1, 1, 2, 2, 3, 3]) }).read();
  findings.equal('a run after the update by another program', after, 'y', [11, 12, 22, 24, 33, 36]);
  findings.equal('the part of the state that no program uses', await state.read(), 'idle', [5]);
});

/** Every update is computed from the old values, so an update that is committed early changes the result of another. */
const together = scenario('contract/updates-commit-together', async (device, findings) => {
  const shape = [5, 7];
  const b = new GraphBuilder('together');
  const held = (name: string): Value => b.state(name, { dtype: 'float32', shape });
  const [first, second, sum] = [held('first'), held('second'), held('sum')];
  const [fed, fixed] = [held('fed'), held('fixed')];
  const x = b.input('x', { dtype: 'float32', shape });
  b.update('first', second);
  b.update('second', first);
  b.update('sum', b.op.add(b.op.add(first, second), sum));
  b.update('fed', x);
  b.update('fixed', b.constant(integers('constant', shape)));
  b.output('product', b.op.mul(first, second));
  b.output('fed', fed);
  b.output('fixed', fixed);

  const [a, c, zero] = [integers('a', shape), distinct('c', shape), float32(shape)];
  await using state = await device.createState({ first: a, second: c, sum: zero, fed: zero, fixed: zero });
  await using program = await device.compile(b.build());
  const given = integers('given', shape);
  const outputs = await program.run(state, { x: given }).read();
  allEqual(findings, 'an output computed from the old state', outputs, {
    product: a.data.map((value, i) => value * elementAt(c.data, i)),
    fed: zero.data,
    fixed: zero.data,
  });
  allEqual(findings, 'the state after one run', await state.read(), {
    first: c.data,
    second: a.data,
    sum: a.data.map((value, i) => value + elementAt(c.data, i)),
    fed: given.data,
    fixed: integers('constant', shape).data,
  });
  await program.run(state, { x: given }).read();
  allEqual(findings, 'the state after two runs', await state.read(), { first: a.data, second: c.data });
});

const unchanged = scenario('contract/outputs-without-a-node', async (device, findings) => {
  const b = new GraphBuilder('unchanged');
  const x = b.input('x', { dtype: 'float32', shape: [2, 3] });
  const labels = b.input('labels', { dtype: 'int32', shape: [4] });
  b.input('unread', { dtype: 'float32', shape: [] });
  const w = b.state('w', { dtype: 'float32', shape: [3] });
  b.state('idle', type);
  b.output('input', x);
  b.output('input again', x);
  b.output('labels', labels);
  b.output('state', w);
  b.output('constant', b.constant(vector(7, -8)));
  const feeds = { x: integers('x', [2, 3]), labels: int32([4], [3, -1, 0, 9]), unread: scalar(1) };
  const outputs = await runOnce(device, b.build(), { w: vector(1, 2, 3), idle: vector(0, 0) }, feeds);
  allEqual(findings, 'an output that no node computes', outputs, {
    input: feeds.x.data,
    'input again': feeds.x.data,
    labels: feeds.labels.data,
    state: [1, 2, 3],
    constant: [7, -8],
  });
});

export const stateScenarios: readonly Check[] = [
  roundTrip,
  refused,
  inOrder,
  twoStates,
  ownMemory,
  shared,
  together,
  unchanged,
];
