// Runs one case on one device.
import type { Device, Graph, Tensors } from '@isonet/core';
import { decompose, definitionOf, typeOf, UnsupportedOpError } from '@isonet/core';
import type { Case } from './case.ts';
import { compare, returnedType, the } from './compare.ts';
import { expectedOf, runOnce } from './oracle.ts';
import type { Verdict } from './verdict.ts';
import { Findings } from './verdict.ts';

/**
 * Forward and backward, as the device takes them and with every composite decomposed beforehand.
 * @throws whatever the device throws, but for UnsupportedOpError: that is a refusal
 */
export async function runCase(device: Device, test: Case): Promise<Verdict> {
  const { outputs: expected, bounds } = await expectedOf(test);
  const findings = new Findings();
  for (const { way, graph } of waysOf(test)) {
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
  return findings.verdict(test.key);
}

function waysOf(test: Case): readonly { readonly way: string; readonly graph: Graph }[] {
  const backward = test.backward();
  const graphs = [
    { way: 'forward', graph: test.forward() },
    ...(backward ? [{ way: 'backward', graph: backward }] : []),
  ];
  const decomposed = graphs
    .filter(({ graph }) => graph.nodes.some((node) => definitionOf(node.op).kind === 'composite'))
    .map(({ way, graph }) => ({ way: `${way}, decomposed`, graph: decompose(graph, () => true) }));
  return [...graphs, ...decomposed];
}
