// Lifetimes: a program describes itself, an execution is read once, and disposing of one object leaves the others usable.
import type { Graph, State, Tensors } from '@isonet/core';
import { BackendError, decompose, float32, GraphBuilder, validate } from '@isonet/core';
import { integers } from '../case/data.ts';
import type { Check } from '../check/check.ts';
import { foreignState } from './graphs.ts';
import { allEqual, programScenario, refusesRun, scenario } from './scenario.ts';

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
  findings.holds('program.graph is valid', isValid(graph));
  findings.holds(
    'program.graph has the inputs and outputs of the given graph',
    namesOf(graph) === namesOf(given),
  );
  findings.holds('program.plan.id is not empty', plan.id !== '');
  findings.holds(
    'program.bytes is undefined or a positive integer',
    bytes === undefined || (Number.isSafeInteger(bytes) && bytes > 0),
  );
  await using again = await device.compile(graph);
  findings.holds('program.graph, compiled again, keeps its ops', opsOf(again.graph) === opsOf(graph));
  // A plan identifies the graph that actually runs: if the decomposed graph has the same plan, the same ops must run.
  await using decomposed = await device.compile(decompose(given, () => true));
  findings.holds(
    'program.graph has a composite only where its plan differs from the plan of the decomposed graph',
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
  const sorted = (list: readonly { readonly name: string }[]): readonly string[] =>
    list.map(({ name }) => name).toSorted();
  return [inputs, state, outputs, updates].map((list) => sorted(list).join()).join(';');
}

const once = programScenario('contract/executions-are-read-once', stepping, { w }, async (fixture) => {
  const { findings, program, state } = fixture;
  const execution = program.run(state, { x });
  findings.equal('the first read of a run', await execution.read(), 'y', [6, 0]);
  await findings.rejects('a second read of a run', execution.read(), BackendError);
  const discarded = program.run(state, { x });
  discarded.discard();
  await findings.rejects('a read of a discarded run', discarded.read(), BackendError);
  findings.equal('the state after both runs', await state.read(), 'w', [32, 5]);
});

const foreign = scenario('contract/foreign-state', async (device, findings) => {
  await using program = await device.compile(stepping());
  const execution = program.run(foreignState({ w }), { x });
  await refusesRun(findings, 'a run on the state of another backend', execution, BackendError);
});

const disposed = scenario('contract/disposed', async (device, findings) => {
  const program = await device.compile(stepping());
  const state = await device.createState({ w });
  await using kept = await device.createState({ w });
  await state[Symbol.asyncDispose]();
  await state[Symbol.asyncDispose]();
  await findings.rejects('a read of a disposed state', state.read(), BackendError);
  await findings.rejects('a write to a disposed state', state.write({ w }), BackendError);
  await findings.rejects('a run on a disposed state', program.run(state, { x }).read(), BackendError);
  findings.equal('a run on a state that is not disposed', await program.run(kept, { x }).read(), 'y', [6, 0]);
  await program[Symbol.asyncDispose]();
  await program[Symbol.asyncDispose]();
  await findings.rejects('a run of a disposed program', program.run(kept, { x }).read(), BackendError);
  findings.equal('the state after one run of a program that is now disposed', await kept.read(), 'w', [8, 5]);
});

/** Every request made before the disposal still completes. */
const disposedInARun = scenario('contract/disposed-in-a-run', async (device, findings) => {
  const program = await device.compile(stepping());
  await using kept = await device.createState({ w });
  const gone = await device.createState({ w });
  const run = (state: State): Promise<Tensors> => program.run(state, { x }).read();
  const reading = Promise.all([run(kept), run(kept), run(gone)]);
  const disposals = Promise.all([program[Symbol.asyncDispose](), gone[Symbol.asyncDispose]()]);
  const late = findings.rejects('a run after the disposal of its program', run(kept), BackendError);
  const [[first, second, third]] = await Promise.all([reading, disposals, late]);
  findings.equal('the first run before the disposal of its program', first, 'y', [6, 0]);
  findings.equal('the second run before the disposal of its program', second, 'y', [24, 0]);
  findings.equal('a run before the disposal of its state', third, 'y', [6, 0]);
  findings.equal('the state after the first two runs', await kept.read(), 'w', [32, 5]);
});

/** Results belong to the caller: writing to their arrays changes neither a later read nor the state. */
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
  findings.equal('an output after its duplicate was overwritten', first, 'held', [1, 2, 3]);
  for (const { data } of Object.values(first)) data.fill(9);
  findings.equal('the state after all outputs were overwritten', await state.read(), 'held', [1, 2, 3]);
  findings.holds(
    'a fed array is unchanged after all outputs were overwritten',
    feeds.given.data.join() === '4,5,6',
  );
  const second = await program.run(state, feeds).read();
  const expected = { given: [4, 5, 6], held: [1, 2, 3], fixed: integers('fixed', shape).data };
  allEqual(findings, 'a run after the outputs of an earlier run were overwritten', second, expected);
});

function remembering(): Graph {
  const b = new GraphBuilder('remember');
  const given = b.input('given', { dtype: 'float32', shape: [3] });
  b.output('echo', given);
  b.state('held', { dtype: 'float32', shape: [3] });
  b.update('held', given);
  return b.build();
}

/** One feed is both an output and an update. Once the run is accepted, the fed array belongs to the caller again. */
const ownFeeds = programScenario(
  'contract/feeds-that-are-updates',
  remembering,
  { held: float32([3]) },
  async ({ findings, program, state }) => {
    const feed = float32([3], [1, 2, 3]);
    const execution = program.run(state, { given: feed });
    await execution.accepted;
    feed.data.fill(9);
    findings.equal(
      'an output that is a feed, after the feed was overwritten',
      await execution.read(),
      'echo',
      [1, 2, 3],
    );
    feed.data.fill(8);
    findings.equal(
      'an update that is a feed, after the feed was overwritten',
      await state.read(),
      'held',
      [1, 2, 3],
    );
  },
);

export const lifetimeScenarios: readonly Check[] = [
  described,
  once,
  foreign,
  disposed,
  disposedInARun,
  ownResults,
  ownFeeds,
];
