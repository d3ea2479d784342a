// What `compile` says of the programs that it makes: the ids of their plans, plans that it is given, and what it refuses.
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
import { mistakesOfRefusal } from '../suite/refusals.ts';
import type { Check } from '../check/check.ts';
import { scenario } from './scenario.ts';

/** y = op(x, 2), of two numbers or in the given shape. */
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
  findings.holds('the id of a plan is not empty', id !== '');
  findings.holds('the same graph, compiled twice, has one id', again.plan.id === id);
  for (const [what, graph] of Object.entries(others)) {
    await using other = await device.compile(graph);
    findings.holds(`a graph with ${what} has another id`, other.plan.id !== id);
  }
  if (data === undefined) return;
  await using made = await device.compile(scaled('mul'), { plan: data });
  findings.holds('the data of a plan make the same plan again', made.plan.id === id);
});

const foreign = scenario('contract/foreign-plan', async (device, findings) => {
  const plan: PlanData = { format: 'nobody', version: 1 };
  const compiled = device.compile(scaled('mul'), { plan }).then((program) => program[Symbol.asyncDispose]());
  await findings.rejects('a plan of nobody', compiled, BackendError, 'PLAN');
});

const concurrent = scenario('contract/concurrent-compiles', async (device, findings) => {
  const graph = scaled('mul');
  const [first, second] = await Promise.all([device.compile(graph), device.compile(graph)]);
  await using state = await device.createState({});
  const feeds = { x: float32([2], [3, -4]) };
  const run = (program: Program): Promise<Tensors> => program.run(state, feeds).read();
  const [one, two] = await Promise.all([run(first), run(second)]);
  findings.equal('the first program', one, 'y', [6, -8]);
  findings.equal('the second program', two, 'y', [6, -8]);
  findings.holds('both have one plan', first.plan.id === second.plan.id);
  await first[Symbol.asyncDispose]();
  findings.equal('the second, without the first', await run(second), 'y', [6, -8]);
  await second[Symbol.asyncDispose]();
});

/** The first case of every op, side by side. */
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

/** Whatever a device refuses, the error lists all of it: whoever looks for another device needs to know. */
const refused = scenario('contract/refusals-list-every-node', async (device, findings) => {
  const graph = everyOp();
  try {
    const program = await device.compile(graph);
    await program[Symbol.asyncDispose]();
  } catch (error) {
    if (!(error instanceof UnsupportedOpError)) throw error;
    for (const fault of await mistakesOfRefusal(device, graph, error))
      findings.add('compile:', { worst: Infinity, failure: fault });
  }
});

export const planScenarios: readonly Check[] = [ids, foreign, concurrent, refused];
