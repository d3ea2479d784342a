// Runs one case on one device.
import type { Device, Graph, Program, Tensors } from '@isonet/core';
import { decompose, definitionOf, typeOf, UnsupportedOpError } from '@isonet/core';
import type { Case } from './case.ts';
import { compare, returnedType, the } from '../check/compare.ts';
import { featuresOf } from '../suite/features.ts';
import { expectedOf } from '../oracle.ts';
import type { Check, Form, Verdict } from '../check/check.ts';
import { Findings, groupOf } from '../check/check.ts';

/** A case as checks: as it is, and, where there are composites in it, decomposed: `relu/reals`, `relu/reals/decomposed`. */
export function caseChecks(test: Case): readonly Check[] {
  const { key, judged: tier } = test;
  const group = groupOf(key);
  const check = (form: Form, name: string): Check => ({
    key: name,
    group,
    form,
    tier,
    covers: () => featuresOf(test).map((feature) => `${form} ${feature}`),
    run: async (device) => ({ ...(await runCase(device, test, form)), key: name }),
  });
  const native = check('native', key);
  return hasComposites(test) ? [native, check('decomposed', `${key}/decomposed`)] : [native];
}

/**
 * Forward and backward.
 * @throws any error of the device except an UnsupportedOpError of `compile`, which counts as a refusal
 */
export async function runCase(device: Device, test: Case, form: Form = 'native'): Promise<Verdict> {
  const { outputs: expected, bounds } = await expectedOf(test);
  const findings = new Findings();
  const graphs = graphsOf(test);
  let native = true;
  for (const [way, given] of Object.entries(graphs)) {
    const graph = form === 'native' ? given : decompose(given, () => true);
    let program: Program;
    try {
      program = await device.compile(graph);
    } catch (error) {
      if (!(error instanceof UnsupportedOpError)) throw error;
      return findings.verdict(test.key, error.message);
    }
    if (way === 'forward') native = runsNatively(graph, program.graph, groupOf(test.key));
    const outputs = await runOn(device, program, test.feeds);
    for (const { name, value } of graph.outputs) {
      const type = returnedType(typeOf(graph, value), device.numerics.float32.heldAs);
      findings.add(
        `${way}: ${name}`,
        compare(outputs[name], type, the(expected, name).data, bounds[name]?.data),
      );
    }
  }
  const verdict = findings.verdict(test.key);
  return native || form === 'decomposed' ? verdict : { ...verdict, notNative: true };
}

function graphsOf(test: Case): Readonly<Record<string, Graph>> {
  const backward = test.backward();
  return { forward: test.forward(), ...(backward ? { backward } : {}) };
}

function hasComposites(test: Case): boolean {
  return Object.values(graphsOf(test)).some(({ nodes }) =>
    nodes.some(({ op }) => definitionOf(op).kind === 'composite'),
  );
}

/** Runs once and lets go of the program. */
async function runOn(device: Device, program: Program, feeds: Tensors): Promise<Tensors> {
  try {
    await using state = await device.createState({});
    return await program.run(state, feeds).read();
  } finally {
    await program[Symbol.asyncDispose]();
  }
}

/** Whether what really runs has composites of this op, if such were given. */
function runsNatively(given: Graph, compiled: Graph, op: string): boolean {
  const has = ({ nodes }: Graph): boolean =>
    nodes.some((node) => node.op === op && definitionOf(node.op).kind === 'composite');
  return has(compiled) || !has(given);
}
