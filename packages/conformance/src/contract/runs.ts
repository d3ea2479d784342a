// Runs: feeds are checked before anything happens, runs keep their order, and an execution may be discarded.
import type { Execution, Tensor, Tensors } from '@isonet/core';
import { DataError, float32, GraphBuilder, int32, scalar } from '@isonet/core';
import type { Check } from '../check/check.ts';
import { scenario } from './scenario.ts';
import { doubling, pair } from './graphs.ts';

const wrongFeeds: Readonly<Record<string, Tensors>> = {
  'a missing feed': {},
  'a feed of another shape': { x: float32([1, 2], [1, 2]) },
  'a feed of another dtype': { x: int32([2], [1, 2]) },
  'a feed that holds too little': { x: { dtype: 'float32', shape: [2], data: new Float32Array(1) } },
  'a feed that nobody asked for': { x: pair(1), y: pair(1) },
};

const checked = scenario('contract/feeds-are-checked', async (device, findings) => {
  await using program = await device.compile(doubling());
  await using state = await device.createState({ total: pair(1) });
  for (const [what, feeds] of Object.entries(wrongFeeds)) {
    const execution = program.run(state, feeds);
    await findings.rejects(`${what}: accepted`, execution.accepted, DataError);
    await findings.rejects(`${what}: read`, execution.read(), DataError);
  }
  findings.equal('after feeds that were refused', await state.read(), 'total', [1, -1]);
  findings.equal('a run after them', await program.run(state, { x: pair(3) }).read(), 'before', [1, -1]);
  findings.equal('its update', await state.read(), 'total', [5, -5]);

  await using other = await device.createState({ count: scalar(1) });
  await findings.rejects(
    'a state without what the program needs',
    program.run(other, { x: pair(1) }).read(),
    DataError,
  );
});

const ordered = scenario('contract/runs-keep-their-order', async (device, findings) => {
  await using program = await device.compile(doubling());
  await using state = await device.createState({ total: pair(1) });
  const run = (x: number): Execution => program.run(state, { x: pair(x) });
  const [first, second, third] = [run(1), run(5), run(7)];
  // 1 -> 2 + 1 = 3 -> 6 + 5 = 11 -> 22 + 7 = 29. Read backwards: what is read last was computed first.
  findings.equal('the third of three runs', await third.read(), 'before', [11, -11]);
  findings.equal('the second', await second.read(), 'before', [3, -3]);
  findings.equal('the first', await first.read(), 'before', [1, -1]);
  findings.equal('after three runs', await state.read(), 'total', [29, -29]);
});

const discarded = scenario('contract/discard', async (device, findings) => {
  await using program = await device.compile(doubling());
  await using state = await device.createState({ total: pair(1) });
  program.run(state, { x: pair(1) }).discard();
  program.run(state, { x: pair(5) }).discard();
  findings.equal(
    'a run after two that were discarded',
    await program.run(state, { x: pair(7) }).read(),
    'before',
    [11, -11],
  );
  findings.equal('after three runs', await state.read(), 'total', [29, -29]);
});

const accepted = scenario('contract/accepted-feeds-may-change', async (device, findings) => {
  await using program = await device.compile(doubling());
  await using state = await device.createState({ total: pair(1) });
  const x = float32([2], [3, 4]);
  const execution = program.run(state, { x });
  await execution.accepted;
  x.data.fill(100);
  findings.equal('the run', await execution.read(['before']), 'before', [1, -1]);
  findings.equal('after the run', await state.read(), 'total', [5, 2]);
});

const picked = scenario('contract/read-some-outputs', async (device, findings) => {
  const b = new GraphBuilder('picked');
  const x = b.input('x', { dtype: 'float32', shape: [2] });
  b.output('double', b.op.add(x, x));
  b.output('square', b.op.mul(x, x));
  await using program = await device.compile(b.build());
  await using state = await device.createState({});
  const some = await program.run(state, { x: float32([2], [3, 4]) }).read(['square']);
  findings.equal('read', some, 'square', [9, 16]);
  findings.holds('read gives only what it is asked for', Object.keys(some).length === 1);
  await findings.rejects('an unknown output', program.run(state, { x: pair(1) }).read(['cube']), DataError);
});

/** Feeds are often views of one large buffer: each is cut to its own numbers, and the buffer stays the caller's. */
const views = scenario('contract/feeds-of-one-buffer', async (device, findings) => {
  const b = new GraphBuilder('views');
  const type = { dtype: 'float32', shape: [3] } as const;
  const [early, late, across] = [b.input('early', type), b.input('late', type), b.input('across', type)];
  b.output('early + late', b.op.add(early, late));
  b.output('across', across);
  b.output('labels', b.input('labels', { dtype: 'int32', shape: [2] }));
  b.output('held', b.state('held', type));
  const buffer = new ArrayBuffer(64);
  const numbers = new Float32Array(buffer);
  numbers.set([8, 1, 2, 3, 4, 5, 6, 8]);
  const view = (from: number): Tensor => float32([3], numbers.subarray(from, from + 3));
  const labels = new Int32Array(buffer, 40, 2);
  labels.set([7, -7]);

  await using program = await device.compile(b.build());
  await using state = await device.createState({ held: view(2) });
  const feeds = { early: view(1), late: view(4), across: view(3), labels: int32([2], labels) };
  const execution = program.run(state, feeds);
  await execution.accepted;
  const isThere = buffer.byteLength === 64 && numbers[1] === 1;
  findings.holds('the buffer is still there', isThere);
  if (!isThere) return;
  numbers.fill(9);
  const outputs = await execution.read();
  findings.equal('views of one buffer', outputs, 'early + late', [5, 7, 9]);
  findings.equal('a view across two others', outputs, 'across', [3, 4, 5]);
  findings.equal('a view of another dtype', outputs, 'labels', [7, -7]);
  findings.equal('a state from a view', outputs, 'held', [2, 3, 4]);
  await state.write({ held: view(0) });
  findings.equal('a write from a view', await state.read(), 'held', [9, 9, 9]);
});

/** One value is the output of a run and the state after it: later runs change the state alone. */
const both = scenario('contract/output-that-is-an-update', async (device, findings) => {
  const b = new GraphBuilder('adding');
  const total = b.state('total', { dtype: 'float32', shape: [2] });
  const sum = b.op.add(total, b.input('x', { dtype: 'float32', shape: [2] }));
  b.output('sum', sum);
  b.update('total', sum);
  await using program = await device.compile(b.build());
  await using state = await device.createState({ total: pair(1) });
  const run = (x: number): Execution => program.run(state, { x: pair(x) });
  const [first, second, third] = [run(1), run(5), run(7)];
  third.discard();
  await state.write({ total: pair(30) });
  findings.equal('the first of three runs', await first.read(), 'sum', [2, -2]);
  findings.equal('the second', await second.read(), 'sum', [7, -7]);
  const last = await run(2).read();
  findings.equal('a run after a write', last, 'sum', [32, -32]);
  for (const { data } of Object.values(last)) data.fill(9);
  findings.equal('the state after all', await state.read(), 'total', [32, -32]);
});

export const runScenarios: readonly Check[] = [checked, ordered, discarded, accepted, picked, views, both];
