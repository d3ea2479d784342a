// State: what is put there comes back, several programs share it, and the updates of a run are committed together.
import { DataError, float32, GraphBuilder, int32, scalar } from '@isonet/core';
import type { Graph, Tensor, Tensors } from '@isonet/core';
import { compare, numberAt, returnedType } from '../check/compare.ts';
import { distinct, integers } from '../case/data.ts';
import { runOnce } from '../oracle.ts';
import type { Check } from '../check/check.ts';
import { scenario } from './scenario.ts';

const numbers = [0, 1, -1.5, 2 ** 24 - 1, -3e38, 1e-30, Math.fround(0.1)];
const vector = (values: readonly number[]): Tensors[string] => float32([values.length], values);

const roundTrip = scenario('contract/state-round-trip', async (device, findings) => {
  const values: Tensors = {
    numbers: vector(numbers),
    image: integers('image', [2, 3, 5, 7]),
    step: scalar(3),
    // No float32 is the first of these.
    counts: int32([3], [2 ** 24 + 1, -7, 0]),
    flags: { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
  };
  await using state = await device.createState(values);
  const all = await state.read();
  for (const [name, expected] of Object.entries(values)) {
    const type = returnedType(expected, device.numerics.float32.heldAs);
    findings.add(`after createState: ${name}`, compare(all[name], type, expected.data));
  }

  const image = integers('another image', [2, 3, 5, 7]);
  await state.write({ image });
  const some = await state.read(['image', 'step']);
  findings.equal('after a write', some, 'image', image.data);
  findings.equal('what was not written', some, 'step', [3]);
  findings.holds(
    'read gives the names that it is asked for',
    Object.keys(some).toSorted().join() === 'image,step',
  );

  await findings.rejects('reading an unknown name', state.read(['images']), DataError);
  await findings.rejects('writing an unknown name', state.write({ images: image }), DataError);
  await findings.rejects('writing another shape', state.write({ image: vector([1]) }), DataError);
  findings.equal('after refused writes', await state.read(), 'image', image.data);
});

const refused = scenario('contract/state-writes-are-checked', async (device, findings) => {
  const [a, b] = [float32([2], [1, 2]), int32([2], [3, 4])];
  await using state = await device.createState({ a, b });
  const wide: Tensor = { dtype: 'float64', shape: [2], data: Float64Array.of(0.5, 0.1) };
  await findings.rejects('writing int32 for float32', state.write({ a: b }), DataError);
  await findings.rejects('writing float32 for int32', state.write({ b: a }), DataError);
  const half = state.write({ a: float32([2], [9, 9]), b: float32([2], [9, 9]) });
  await findings.rejects('a write of two, the second of another type', half, DataError);
  const after = await state.read();
  findings.equal('after refused writes', after, 'a', [1, 2]);
  findings.equal('after refused writes', after, 'b', [3, 4]);
  await state.write({ a: wide });
  const rounded = device.numerics.float32.heldAs === 'float32' ? Math.fround(0.1) : 0.1;
  const type = returnedType(a, device.numerics.float32.heldAs);
  findings.add('float64 written for float32', compare((await state.read())['a'], type, [0.5, rounded]));
});

/** Reads, writes and runs of one state, asked at once: each sees what those before it left. */
const inOrder = scenario('contract/state-in-the-order-of-asking', async (device, findings) => {
  const adding = (n: number): Graph => {
    const b = new GraphBuilder(`adding ${n}`);
    const x = b.state('x', { dtype: 'float32', shape: [2] });
    b.update('x', b.op.add(b.op.add(x, x), b.fill(n, [2])));
    return b.build();
  };
  await using one = await device.compile(adding(1));
  await using five = await device.compile(adding(5));
  await using state = await device.createState({ x: float32([2], [1, 2]) });
  for (const program of [one, five, one]) program.run(state, {}).discard();
  const afterRuns = state.read();
  const writing = state.write({ x: float32([2], [10, 20]) });
  const afterWrite = state.read();
  five.run(state, {}).discard();
  const last = state.read();
  await writing;
  // 1 -> 3 -> 11 -> 23, 2 -> 5 -> 15 -> 31.
  findings.equal('after runs of two programs', await afterRuns, 'x', [23, 31]);
  findings.equal('after a write', await afterWrite, 'x', [10, 20]);
  findings.equal('after a run behind it', await last, 'x', [25, 45]);
});

/** One program on two states in turn, and one compiled for each of them frozen. */
const two = scenario('contract/two-states', async (device, findings) => {
  const b = new GraphBuilder('scaling');
  const x = b.input('x', { dtype: 'float32', shape: [2] });
  const w = b.state('w', { dtype: 'float32', shape: [2] });
  b.output('y', b.op.mul(x, w));
  const graph = b.build();
  const feeds = { x: float32([2], [1, 10]) };
  await using first = await device.createState({ w: float32([2], [2, 3]) });
  await using second = await device.createState({ w: float32([2], [5, 7]) });
  await using program = await device.compile(graph);
  for (const [state, y] of [
    [first, [2, 30]],
    [second, [5, 70]],
    [first, [2, 30]],
  ] as const) {
    findings.equal('one program on two states', await program.run(state, feeds).read(), 'y', y);
  }
  await using frozenFirst = await device.compile(graph, { frozen: first });
  await using frozenSecond = await device.compile(graph, { frozen: second });
  findings.equal('frozen with one', await frozenFirst.run(first, feeds).read(), 'y', [2, 30]);
  findings.equal('frozen with the other', await frozenSecond.run(second, feeds).read(), 'y', [5, 70]);
});

/** The numbers that were given are copied: changing them later changes nothing. */
const ownMemory = scenario('contract/state-has-its-own-memory', async (device, findings) => {
  const given = float32([3], [1, 2, 3]);
  await using state = await device.createState({ given });
  given.data.fill(9);
  const first = await state.read();
  findings.equal('after the given array changed', first, 'given', [1, 2, 3]);
  const written = float32([3], [4, 5, 6]);
  await state.write({ given: written });
  written.data.fill(9);
  first['given']?.data.fill(9);
  findings.equal(
    'after the written array and the one that was read changed',
    await state.read(),
    'given',
    [4, 5, 6],
  );
});

const shared = scenario('contract/several-programs-one-state', async (device, findings) => {
  const scaled = (rows: number): GraphBuilder => {
    const b = new GraphBuilder(`scaled ${rows}`);
    const x = b.input('x', { dtype: 'float32', shape: [rows, 2] });
    const w = b.state('w', { dtype: 'float32', shape: [1, 2] });
    b.output('y', b.op.mul(x, b.op.broadcast(w, { shape: [rows, 2] })));
    return b;
  };
  const moved = new GraphBuilder('moved');
  const w = moved.state('w', { dtype: 'float32', shape: [1, 2] });
  moved.update('w', moved.op.add(w, moved.fill(10, [1, 2])));

  await using state = await device.createState({ w: float32([1, 2], [1, 2]), idle: scalar(5) });
  await using one = await device.compile(scaled(1).build());
  await using three = await device.compile(scaled(3).build());
  await using move = await device.compile(moved.build());
  const before = await one.run(state, { x: float32([1, 2], [1, 1]) }).read();
  findings.equal('before the update', before, 'y', [1, 2]);
  await move.run(state, {}).read();
  const after = await three.run(state, { x: float32([3, 2], [1, 1, 2, 2, 3, 3]) }).read();
  findings.equal('another program, after the update', after, 'y', [11, 12, 22, 24, 33, 36]);
  findings.equal('what no program knows', await state.read(), 'idle', [5]);
});

/** Every update is made of old values; each one that is committed early would show in another. */
const together = scenario('contract/updates-commit-together', async (device, findings) => {
  const shape = [5, 7];
  const b = new GraphBuilder('together');
  const type = { dtype: 'float32', shape } as const;
  const [first, second, sum, fed, fixed] = [
    b.state('first', type),
    b.state('second', type),
    b.state('sum', type),
    b.state('fed', type),
    b.state('fixed', type),
  ];
  const x = b.input('x', type);
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
  findings.equal(
    'an output',
    outputs,
    'product',
    a.data.map((value, i) => value * numberAt(c.data, i)),
  );
  findings.equal('an output that is old state', outputs, 'fed', zero.data);
  findings.equal('an output that is old state', outputs, 'fixed', zero.data);
  const after = await state.read();
  findings.equal('after one run', after, 'first', c.data);
  findings.equal('after one run', after, 'second', a.data);
  findings.equal(
    'after one run',
    after,
    'sum',
    a.data.map((value, i) => value + numberAt(c.data, i)),
  );
  findings.equal('an update that is an input', after, 'fed', given.data);
  findings.equal('an update that is a constant', after, 'fixed', integers('constant', shape).data);
  await program.run(state, { x: given }).read();
  const twice = await state.read();
  findings.equal('after two runs', twice, 'first', a.data);
  findings.equal('after two runs', twice, 'second', c.data);
});

const unchanged = scenario('contract/outputs-without-a-node', async (device, findings) => {
  const b = new GraphBuilder('unchanged');
  const x = b.input('x', { dtype: 'float32', shape: [2, 3] });
  const labels = b.input('labels', { dtype: 'int32', shape: [4] });
  b.input('unread', { dtype: 'float32', shape: [] });
  const w = b.state('w', { dtype: 'float32', shape: [3] });
  b.state('idle', { dtype: 'float32', shape: [2] });
  b.output('input', x);
  b.output('input again', x);
  b.output('labels', labels);
  b.output('state', w);
  b.output('constant', b.constant(float32([2], [7, -8])));
  const feeds = { x: integers('x', [2, 3]), labels: int32([4], [3, -1, 0, 9]), unread: scalar(1) };
  const outputs = await runOnce(device, b.build(), { w: float32([3], [1, 2, 3]), idle: float32([2]) }, feeds);
  findings.equal('an output', outputs, 'input', feeds.x.data);
  findings.equal('an output', outputs, 'input again', feeds.x.data);
  findings.equal('an output', outputs, 'labels', feeds.labels.data);
  findings.equal('an output', outputs, 'state', [1, 2, 3]);
  findings.equal('an output', outputs, 'constant', [7, -8]);
});

export const stateScenarios: readonly Check[] = [
  roundTrip,
  refused,
  inOrder,
  two,
  ownMemory,
  shared,
  together,
  unchanged,
];
