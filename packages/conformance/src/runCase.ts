// Runs one case on one device.
import type { Device, Graph, Tensors } from '@isonet/core';
import { decompose, definitionOf, typeOf, typesOf, UnsupportedOpError } from '@isonet/core';
import type { Case } from './case.ts';
import { compare, returnedType, the } from './compare.ts';
import { expectedOf, runOnce } from './oracle.ts';
import type { Check, Form, Verdict } from './verdict.ts';
import { Findings, subjectOf } from './verdict.ts';

/** A case as checks: as it is, and, where there are composites in it, decomposed: `relu/reals`, `relu/reals/decomposed`. */
export function caseChecks(test: Case): readonly Check[] {
  const { key, judged: tier } = test;
  const subject = subjectOf(key);
  const check = (form: Form, name: string): Check => ({
    key: name,
    subject,
    form,
    tier,
    run: async (device) => ({ ...(await runCase(device, test, form)), key: name }),
  });
  const native = check('native', key);
  return hasComposites(test) ? [native, check('decomposed', `${key}/decomposed`)] : [native];
}

/**
 * Forward and backward.
 * @throws whatever the device throws, but for UnsupportedOpError: that is a refusal
 */
export async function runCase(device: Device, test: Case, form: Form = 'native'): Promise<Verdict> {
  const { outputs: expected, bounds } = await expectedOf(test);
  const findings = new Findings();
  const graphs = graphsOf(test);
  for (const [way, given] of Object.entries(graphs)) {
    const graph = form === 'native' ? given : decompose(given, () => true);
    let outputs: Tensors;
    try {
      outputs = await runOnce(device, graph, {}, test.feeds);
    } catch (error) {
      if (!(error instanceof UnsupportedOpError)) throw error;
      return findings.verdict(test.key, error.message);
    }
    for (const { name, value } of graph.outputs) {
      const type = returnedType(typeOf(graph, value), device.numerics.float);
      findings.add(
        `${way}: ${name}`,
        compare(outputs[name], type, the(expected, name).data, bounds[name]?.data),
      );
    }
  }
  const verdict = findings.verdict(test.key);
  const native = form === 'decomposed' || takesNatively(device, graphs['forward'], subjectOf(test.key));
  return native ? verdict : { ...verdict, notNative: true };
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

/** Whether the device has a kernel for each composite of this op in the graph. */
function takesNatively(device: Device, graph: Graph | undefined, op: string): boolean {
  const own =
    graph?.nodes.filter((node) => node.op === op && definitionOf(node.op).kind === 'composite') ?? [];
  return own.every((node) => !graph || device.supports(node, typesOf(graph, node.inputs)) === true);
}
