// Runs one case on one device.
import type { Device, Graph, Program, Tensors } from '@isonet/core';
import { decompose, definitionOf, typeOf, UnsupportedOpError } from '@isonet/core';
import { type Check, type Form, groupOf, type Verdict } from '../check/check.ts';
import { compare, returnedType, tensorNamed } from '../check/compare.ts';
import { Findings } from '../check/findings.ts';
import { expectedOf } from '../oracle.ts';
import { featuresOf } from '../suite/features.ts';
import type { Case } from './case.ts';

/** Returns the checks of a case: one as written and, if it contains composites, one decomposed: `relu/reals`, `relu/reals/decomposed`. */
export function caseChecks(test: Case): readonly Check[] {
  const { key, judged: tier } = test;
  const check = (form: Form, name: string): Check => ({
    key: name,
    group: groupOf(key),
    form,
    tier,
    covers: () => featuresOf(test).map((feature) => `${form} ${feature}`),
    run: async (device) => ({ ...(await runCase(device, test, form)), key: name }),
  });
  const native = check('native', key);
  return hasComposites(test) ? [native, check('decomposed', `${key}/decomposed`)] : [native];
}

/**
 * Runs a case forward and backward. A case that the device refuses only because of its size does not apply if the device runs
 * the same case at a smaller size.
 * @throws any error of the device except an UnsupportedOpError of `compile`, which is a refusal
 */
export async function runCase(device: Device, test: Case, form: Form = 'native'): Promise<Verdict> {
  const { key } = test;
  const { outputs: expected, bounds } = await expectedOf(test);
  const findings = new Findings();
  let kernel: boolean | undefined;
  for (const [direction, whole] of Object.entries(graphsOf(test))) {
    const graph = form === 'native' ? whole : decompose(whole, () => true);
    const program = await compile(device, graph);
    if (program instanceof UnsupportedOpError) return refusedVerdict(device, test, form, program);
    if (direction === 'forward') kernel = kernelFor(graph, program.graph, groupOf(key));
    const outputs = await runOn(device, program, test.feeds);
    for (const { name, value } of graph.outputs) {
      const type = returnedType(typeOf(graph, value), device.numerics.float32.heldAs);
      const difference = compare(outputs[name], type, tensorNamed(expected, name).data, bounds[name]?.data);
      findings.add(`${direction}: ${name}`, difference);
    }
  }
  return findings.verdict(key, kernel === undefined ? {} : { kernel });
}

async function compile(device: Device, graph: Graph): Promise<Program | UnsupportedOpError> {
  try {
    return await device.compile(graph);
  } catch (error) {
    if (error instanceof UnsupportedOpError) return error;
    throw error;
  }
}

/** Appended to a refusal that counts as wrong although the size of the tensors is its only reason. */
export const NO_SMALLER_CASE = 'this check has no smaller variant, so raise the limit or list it in xfail';

async function refusedVerdict(
  device: Device,
  { key, smaller }: Case,
  form: Form,
  { message: refused, refusals }: UnsupportedOpError,
): Promise<Verdict> {
  const isTooLarge = refusals.length > 0 && refusals.every(({ limit }) => limit === 'size');
  if (!isTooLarge) return { key, passed: false, worst: 0, failures: [], refused };
  if (!smaller)
    return { key, passed: false, worst: 0, failures: [], refused: `${refused}; ${NO_SMALLER_CASE}` };
  const verdict = { ...(await runCase(device, smaller(), form)), key };
  if (verdict.refused !== undefined) return verdict;
  return { ...verdict, passed: false, notApplicable: refused };
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

/** Runs a program once and disposes it. */
async function runOn(device: Device, program: Program, feeds: Tensors): Promise<Tensors> {
  try {
    await using state = await device.createState({});
    return await program.run(state, feeds).read();
  } finally {
    await program[Symbol.asyncDispose]();
  }
}

/** Returns whether composites of this op remain in the compiled graph; undefined if the source graph has none. */
function kernelFor(source: Graph, compiled: Graph, op: string): boolean | undefined {
  const has = ({ nodes }: Graph): boolean =>
    nodes.some((node) => node.op === op && definitionOf(node.op).kind === 'composite');
  return has(source) ? has(compiled) : undefined;
}
