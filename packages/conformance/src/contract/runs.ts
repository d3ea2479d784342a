// Runs: feeds are checked before a run starts, runs keep their order, and an execution may be discarded.
import type { Execution, Graph, Tensor } from '@isonet/core';
import { DataError, float32, GraphBuilder, int32, scalar } from '@isonet/core';
import type { Check } from '../check/check.ts';
import { doublingScenario, pair, wrongFeeds } from './graphs.ts';
import { allEqual, programScenario, refusesRun, scenario } from './scenario.ts';

const type = { dtype: 'float32', shape: [2] } as const;

const checked = doublingScenario('contract/feeds-are-checked', async (fixture) => {
  const { device, findings, program, state, run } = fixture;
  for (const [what, feeds] of wrongFeeds) {
    await refusesRun(findings, `a run with ${what}`, program.run(state, feeds), DataError);
  }
  findings.equal('the state after refused runs', await state.read(), 'total', [1, -1]);
  findings.equal('a run after refused runs', await run(3).read(), 'before', [1, -1]);
  findings.equal('the state after that run', await state.read(), 'total', [5, -5]);

  await using other = await device.createState({ count: scalar(1) });
  const execution = program.run(other, { x: pair(1) });
  await findings.rejects('a run on a state without the value it needs', execution.read(), DataError);
});

const ordered = doublingScenario('contract/runs-keep-their-order', async ({ findings, state, run }) => {
  const [first, second, third] = [run(1), run(5), run(7)];
  // 1 -> 2 + 1 = 3 -> 6 + 5 = 11 -> 22 + 7 = 29. The results are read in reverse order.
  findings.equal('the third of three runs', await third.read(), 'before', [11, -11]);
  findings.equal('the second of three runs', await second.read(), 'before', [3, -3]);
  findings.equal('the first of three runs', await first.read(), 'before', [1, -1]);
  findings.equal('the state after three runs', await state.read(), 'total', [29, -29]);
});

const discarded = doublingScenario('contract/discard', async ({ findings, state, run }) => {
  run(1).discard();
  run(5).discard();
  findings.equal('a run after two discarded runs', await run(7).read(), 'before', [11, -11]);
  findings.equal('the state after three runs, two of them discarded', await state.read(), 'total', [29, -29]);
});

const accepted = doublingScenario('contract/accepted-feeds-may-change', async (fixture) => {
  const { findings, program, state } = fixture;
  const x = float32([2], [3, 4]);
  const execution = program.run(state, { x });
  await execution.accepted;
  x.data.fill(100);
  const what = 'whose feed was overwritten once it was accepted';
  findings.equal(`a run ${what}`, await execution.read(['before']), 'before', [1, -1]);
  findings.equal(`the state after a run ${what}`, await state.read(), 'total', [5, 2]);
});

function twoOutputs(): Graph {
  const b = new GraphBuilder('picked');
  const x = b.input('x', type);
  b.output('double', b.op.add(x, x));
  b.output('square', b.op.mul(x, x));
  return b.build();
}

const someOutputs = programScenario('contract/read-some-outputs', twoOutputs, {}, async (fixture) => {
  const { findings, program, state } = fixture;
  const some = await program.run(state, { x: float32([2], [3, 4]) }).read(['square']);
  findings.equal("read(['square'])", some, 'square', [9, 16]);
  findings.holds("read(['square']) returns no other output", Object.keys(some).length === 1);
  const unknown = program.run(state, { x: pair(1) }).read(['cube']);
  await findings.rejects('a read of an unknown output', unknown, DataError);
});

/** Feeds are often views of one large buffer. A device reads only the values of each view and leaves the buffer to the caller. */
const views = scenario('contract/feeds-of-one-buffer', async (device, findings) => {
  const b = new GraphBuilder('views');
  const three = { dtype: 'float32', shape: [3] } as const;
  const [early, late, across] = [b.input('early', three), b.input('late', three), b.input('across', three)];
  b.output('early + late', b.op.add(early, late));
  b.output('across', across);
  b.output('labels', b.input('labels', { dtype: 'int32', shape: [2] }));
  b.output('held', b.state('held', three));
  const buffer = new ArrayBuffer(64);
  const floats = new Float32Array(buffer);
  floats.set([8, 1, 2, 3, 4, 5, 6, 8]);
  const view = (from: number): Tensor => float32([3], floats.subarray(from, from + 3));
  const labels = new Int32Array(buffer, 40, 2);
  labels.set([7, -7]);

  await using program = await device.compile(b.build());
  await using state = await device.createState({ held: view(2) });
  const feeds = { early: view(1), late: view(4), across: view(3), labels: int32([2], labels) };
  const execution = program.run(state, feeds);
  await execution.accepted;
  const isIntact = buffer.byteLength === 64 && floats[1] === 1;
  findings.holds("a run leaves the caller's buffer intact", isIntact);
  if (!isIntact) return;
  floats.fill(9);
  allEqual(findings, 'a run on views of one buffer', await execution.read(), {
    'early + late': [5, 7, 9],
    across: [3, 4, 5],
    labels: [7, -7],
    held: [2, 3, 4],
  });
  await state.write({ held: view(0) });
  findings.equal('the state after a write from a view', await state.read(), 'held', [9, 9, 9]);
});

function adding(): Graph {
  const b = new GraphBuilder('adding');
  const total = b.state('total', type);
  const sum = b.op.add(total, b.input('x', type));
  b.output('sum', sum);
  b.update('total', sum);
  return b.build();
}

/** One value is both an output of the run and the state after it. Later runs change only the state. */
const outputAndUpdate = programScenario(
  'contract/output-that-is-an-update',
  adding,
  { total: pair(1) },
  async ({ findings, program, state }) => {
    const run = (x: number): Execution => program.run(state, { x: pair(x) });
    const [first, second, third] = [run(1), run(5), run(7)];
    third.discard();
    await state.write({ total: pair(30) });
    findings.equal('the first of three runs', await first.read(), 'sum', [2, -2]);
    findings.equal('the second of three runs', await second.read(), 'sum', [7, -7]);
    const last = await run(2).read();
    findings.equal('a run after a write', last, 'sum', [32, -32]);
    for (const { data } of Object.values(last)) data.fill(9);
    findings.equal('the state after its output was overwritten', await state.read(), 'total', [32, -32]);
  },
);

export const runScenarios: readonly Check[] = [
  checked,
  ordered,
  discarded,
  accepted,
  someOutputs,
  views,
  outputAndUpdate,
];
