// Runs one case on one device.
import type { Device, Graph, Program } from '@isonet/core';
import { decompose, definitionOf, typeOf, UnsupportedOpError } from '@isonet/core';
import { type Check, type Form, groupOf, type Verdict } from '../check/check.ts';
import { compare, returnedType, tensorNamed } from '../check/compare.ts';
import { Findings } from '../check/findings.ts';
import { isTooLarge, refusedVerdict } from '../check/refusal.ts';
import { expectedOf, runProgram } from '../oracle.ts';
import type { Case } from './case.ts';
import { featuresOf } from './features.ts';

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
    if (program instanceof UnsupportedOpError) return onRefusal(device, test, form, program);
    if (direction === 'forward') kernel = hasKernel(graph, program.graph, groupOf(key));
    const outputs = await runProgram(device, program, {}, test.feeds);
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

/** Runs the smaller variant of a case that is too large for the device, if it has one. */
async function onRefusal(
  device: Device,
  { key, smaller }: Case,
  form: Form,
  error: UnsupportedOpError,
): Promise<Verdict> {
  if (!smaller || !isTooLarge(error)) return refusedVerdict(key, error);
  const verdict = { ...(await runCase(device, smaller(), form)), key };
  if (verdict.refused !== undefined) return verdict;
  return { ...verdict, passed: false, notApplicable: error.message };
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

/** Returns whether composites of this op remain in the compiled graph; undefined if the source graph has none. */
function hasKernel(source: Graph, compiled: Graph, op: string): boolean | undefined {
  const has = ({ nodes }: Graph): boolean =>
    nodes.some((node) => node.op === op && definitionOf(node.op).kind === 'composite');
  return has(source) ? has(compiled) : undefined;
}
