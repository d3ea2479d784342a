// What begins and what ends: programs that say what they are, executions that are read once, and what is disposed.
import type { Graph, State, Tensors } from '@isonet/core';
import { BackendError, decompose, float32, GraphBuilder, validate } from '@isonet/core';
import { integers } from '../case/data.ts';
import type { Check } from '../check/check.ts';
import { scenario } from './scenario.ts';
import { foreignState } from './graphs.ts';

/** y = relu(x) * w, and w' = w + y: a composite, a state, an update. */
function stepping(): Graph {
  const b = new GraphBuilder('stepping');
  const x = b.input('x', { dtype: 'float32', shape: [2] });
  const w = b.state('w', { dtype: 'float32', shape: [2] });
  const y = b.op.mul(b.op.relu(x), w);
  b.output('y', y);
  b.update('w', b.op.add(w, y));
  return b.build();
}

const x = float32([2], [3, -4]);
const w = float32([2], [2, 5]);

const described = scenario('contract/program-describes-itself', async (device, findings) => {
  const given = stepping();
  await using program = await device.compile(given);
  const { graph, plan, bytes } = program;
  findings.holds('its graph is valid', isValid(graph));
  findings.holds('it has inputs and outputs of the same names', namesOf(graph) === namesOf(given));
  findings.holds('its plan has an id', plan.id !== '');
  findings.holds(
    'its bytes, where they are known, are a number of bytes',
    bytes === undefined || (Number.isSafeInteger(bytes) && bytes > 0),
  );
  await using again = await device.compile(graph);
  findings.holds('its graph, compiled, stays as it is', opsOf(again.graph) === opsOf(graph));
  // A plan is of the graph that really runs: one plan for both says that both run the same.
  await using decomposed = await device.compile(decompose(given, () => true));
  findings.holds(
    'composites are in its graph only if they run',
    plan.id !== decomposed.plan.id || opsOf(graph) === opsOf(decomposed.graph),
  );
});

function isValid(graph: Graph): boolean {
  try {
    validate(graph);
    return true;
  } catch {
    return false;
  }
}

function opsOf({ nodes }: Graph): string {
  return nodes.map(({ op }) => op).join(' ');
}

function namesOf({ inputs, state, outputs, updates }: Graph): string {
  return [inputs, state, outputs, updates]
    .map((list) =>
      list
        .map(({ name }) => name)
        .toSorted()
        .join(),
    )
    .join(';');
}

const once = scenario('contract/executions-are-read-once', async (device, findings) => {
  await using program = await device.compile(stepping());
  await using state = await device.createState({ w });
  const execution = program.run(state, { x });
  findings.equal('the first read', await execution.read(), 'y', [6, 0]);
  await findings.rejects('a second read', execution.read(), BackendError);
  const discarded = program.run(state, { x });
  discarded.discard();
  await findings.rejects('a read after discard', discarded.read(), BackendError);
  findings.equal('both runs were made', await state.read(), 'w', [32, 5]);
});

const foreign = scenario('contract/foreign-state', async (device, findings) => {
  await using program = await device.compile(stepping());
  const execution = program.run(foreignState({ w }), { x });
  await findings.rejects("a run on another backend's state: accepted", execution.accepted, BackendError);
  await findings.rejects("a run on another backend's state: read", execution.read(), BackendError);
});

const disposed = scenario('contract/disposed', async (device, findings) => {
  const program = await device.compile(stepping());
  const state = await device.createState({ w });
  await using kept = await device.createState({ w });
  await state[Symbol.asyncDispose]();
  await state[Symbol.asyncDispose]();
  await findings.rejects('reading a disposed state', state.read(), BackendError);
  await findings.rejects('writing a disposed state', state.write({ w }), BackendError);
  await findings.rejects('a run on a disposed state', program.run(state, { x }).read(), BackendError);
  findings.equal('a run on another state after that', await program.run(kept, { x }).read(), 'y', [6, 0]);
  await program[Symbol.asyncDispose]();
  await program[Symbol.asyncDispose]();
  await findings.rejects('a run of a disposed program', program.run(kept, { x }).read(), BackendError);
  findings.equal('the state that it ran on', await kept.read(), 'w', [8, 5]);
});

/** What was asked for before the disposal is still done. */
const disposedInARun = scenario('contract/disposed-in-a-run', async (device, findings) => {
  const program = await device.compile(stepping());
  await using kept = await device.createState({ w });
  const gone = await device.createState({ w });
  const run = (state: State): Promise<Tensors> => program.run(state, { x }).read();
  const reading = Promise.all([run(kept), run(kept), run(gone)]);
  const disposals = Promise.all([program[Symbol.asyncDispose](), gone[Symbol.asyncDispose]()]);
  const late = findings.rejects('a run behind the disposal', run(kept), BackendError);
  const [[first, second, third]] = await Promise.all([reading, disposals, late]);
  findings.equal('a run before the disposal of its program', first, 'y', [6, 0]);
  findings.equal('another', second, 'y', [24, 0]);
  findings.equal('a run before the disposal of its state', third, 'y', [6, 0]);
  findings.equal('the state of both runs', await kept.read(), 'w', [32, 5]);
});

/** Arrays that come out are the reader's: neither a later read nor the state sees what becomes of them. */
const ownResults = scenario('contract/results-are-copies', async (device, findings) => {
  const b = new GraphBuilder('aliases');
  const shape = [3];
  const given = b.input('given', { dtype: 'float32', shape });
  const held = b.state('held', { dtype: 'float32', shape });
  const fixed = b.constant(integers('fixed', shape));
  b.output('given', given);
  b.output('held', held);
  b.output('held again', held);
  b.output('fixed', fixed);
  await using program = await device.compile(b.build());
  await using state = await device.createState({ held: float32(shape, [1, 2, 3]) });
  const feeds = { given: float32(shape, [4, 5, 6]) };
  const first = await program.run(state, feeds).read();
  first['held again']?.data.fill(0);
  findings.equal('an output beside one that was written to', first, 'held', [1, 2, 3]);
  for (const { data } of Object.values(first)) data.fill(9);
  findings.equal('the state', await state.read(), 'held', [1, 2, 3]);
  findings.holds('the fed array is as it was', feeds.given.data.join() === '4,5,6');
  const second = await program.run(state, feeds).read();
  findings.equal('a second run', second, 'given', [4, 5, 6]);
  findings.equal('a second run', second, 'held', [1, 2, 3]);
  findings.equal('a second run', second, 'fixed', integers('fixed', shape).data);
});

/** An update, and an output, that is nothing but a feed: once accepted, its array is the caller's again. */
const ownFeeds = scenario('contract/feeds-that-are-updates', async (device, findings) => {
  const b = new GraphBuilder('remember');
  const given = b.input('given', { dtype: 'float32', shape: [3] });
  b.output('echo', given);
  b.state('held', { dtype: 'float32', shape: [3] });
  b.update('held', given);
  await using program = await device.compile(b.build());
  await using state = await device.createState({ held: float32([3]) });
  const feed = float32([3], [1, 2, 3]);
  const execution = program.run(state, { given: feed });
  await execution.accepted;
  feed.data.fill(9);
  findings.equal('the output', await execution.read(), 'echo', [1, 2, 3]);
  feed.data.fill(8);
  findings.equal('the state', await state.read(), 'held', [1, 2, 3]);
});

export const lifetimeScenarios: readonly Check[] = [
  described,
  once,
  foreign,
  disposed,
  disposedInARun,
  ownResults,
  ownFeeds,
];
