// Plans and refusals: the ids of plans, `compile` with the plan data of an earlier program, and the list of refused
// nodes.
import type { Graph, PlanData, Program, Shape, Tensors, Value } from '@isonet/core';
import {
  BackendError,
  copyInto,
  copyResults,
  defined,
  float32,
  GraphBuilder,
  opNames,
  typeOf,
  UnsupportedOpError,
} from '@isonet/core';
import { casesOf } from '../cases/table.ts';
import { refusalMistakes } from '../suite/refusals.ts';
import type { Check } from '../check/check.ts';
import { scenario } from './scenario.ts';

/** y = op(x, factor), elementwise */
function scaled(op: 'mul' | 'add', factor = 2, shape: Shape = [2]): Graph {
  const b = new GraphBuilder('scaled');
  const x = b.input('x', { dtype: 'float32', shape });
  b.output('y', b.op[op](x, b.fill(factor, shape)));
  return b.build();
}

const others: Readonly<Record<string, Graph>> = {
  'another op': scaled('add'),
  'another constant': scaled('mul', 3),
  'another shape': scaled('mul', 2, [3]),
};

const ids = scenario('contract/plan-ids', async (device, findings) => {
  await using program = await device.compile(scaled('mul'));
  await using again = await device.compile(scaled('mul'));
  const { id, data } = program.plan;
  findings.holds('plan.id is not empty', id !== '');
  findings.holds('a graph that is compiled twice has the same plan.id both times', again.plan.id === id);
  for (const [what, graph] of Object.entries(others)) {
    await using other = await device.compile(graph);
    findings.holds(`a graph with ${what} has a different plan.id`, other.plan.id !== id);
  }
  if (data === undefined) return;
  await using replanned = await device.compile(scaled('mul'), { plan: data });
  findings.holds(
    'a graph that is compiled with the plan.data of a program has the plan.id of that program',
    replanned.plan.id === id,
  );
});

const foreign = scenario('contract/foreign-plan', async (device, findings) => {
  const plan: PlanData = { format: 'nobody', version: 1 };
  const compiled = device.compile(scaled('mul'), { plan }).then((program) => program[Symbol.asyncDispose]());
  await findings.rejects('compile with a plan of an unknown format', compiled, BackendError, 'PLAN');
});

const concurrent = scenario('contract/concurrent-compiles', async (device, findings) => {
  const graph = scaled('mul');
  const [first, second] = await Promise.all([device.compile(graph), device.compile(graph)]);
  await using state = await device.createState({});
  const run = (program: Program): Promise<Tensors> => program.run(state, { x: float32([2], [3, -4]) }).read();
  const [one, two] = await Promise.all([run(first), run(second)]);
  findings.equal('the first of two programs compiled at once', one, 'y', [6, -8]);
  findings.equal('the second of two programs compiled at once', two, 'y', [6, -8]);
  findings.holds('two programs compiled at once have the same plan.id', first.plan.id === second.plan.id);
  await first[Symbol.asyncDispose]();
  findings.equal('the second program after the disposal of the first', await run(second), 'y', [6, -8]);
  await second[Symbol.asyncDispose]();
});

/** Builds one graph from the first case of every op. */
function everyOp(): Graph {
  const b = new GraphBuilder('every op');
  for (const op of opNames) {
    const [first] = casesOf[op];
    const graph = defined(first, `a case of ${op}`).forward();
    const bind = new Map<string, Value>(
      graph.inputs.map(({ name, value }) => [name, b.input(`${op}/${name}`, typeOf(graph, value))]),
    );
    const at = copyInto(b, graph, { bind });
    const outputs = graph.outputs.map(({ name, value }) => ({ name: `${op}/${name}`, value }));
    copyResults(b, { ...graph, outputs }, at);
  }
  return b.build();
}

/**
 * The error of `compile` lists every node that the device refuses: a user who has to choose another device needs the
 * whole list.
 */
const refused = scenario('contract/refusals-list-every-node', async (device, findings) => {
  const graph = everyOp();
  try {
    const program = await device.compile(graph);
    await program[Symbol.asyncDispose]();
  } catch (error) {
    if (!(error instanceof UnsupportedOpError)) throw error;
    for (const mistake of await refusalMistakes(device, graph, error))
      findings.add('compile:', { worst: Infinity, failure: mistake });
  }
});

export const planScenarios: readonly Check[] = [ids, foreign, concurrent, refused];
