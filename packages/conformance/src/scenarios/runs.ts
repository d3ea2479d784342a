// Runs: feeds are checked before anything happens, runs keep their order, and an execution may be discarded.
import type { Graph, Tensors } from '@isonet/core';
import { DataError, float32, GraphBuilder, int32, scalar } from '@isonet/core';
import type { Check } from '../verdict.ts';
import { scenario } from '../verdict.ts';

/** total' = 2 * total + x, all of shape [2]; the output `before` is the old total. */
function doubling(): Graph {
  const b = new GraphBuilder('doubling');
  const x = b.input('x', { dtype: 'float32', shape: [2] });
  const total = b.state('total', { dtype: 'float32', shape: [2] });
  b.output('before', total);
  b.update('total', b.op.add(b.op.add(total, total), x));
  return b.build();
}

const pair = (value: number): Tensors[string] => float32([2], [value, -value]);

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
  const executions = [1, 5, 7].map((x) => program.run(state, { x: pair(x) }));
  const [first, second, third] = executions;
  // 1 -> 2 + 1 = 3 -> 6 + 5 = 11 -> 22 + 7 = 29. Read backwards: what is read last was computed first.
  findings.equal('the third of three runs', (await third?.read()) ?? {}, 'before', [11, -11]);
  findings.equal('the second', (await second?.read()) ?? {}, 'before', [3, -3]);
  findings.equal('the first', (await first?.read()) ?? {}, 'before', [1, -1]);
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

export const runScenarios: readonly Check[] = [checked, ordered, discarded, accepted, picked];
