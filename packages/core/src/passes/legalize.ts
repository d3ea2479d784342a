// Makes a graph one that a device can run whole: composites that it refuses are decomposed, so that a backend never
// sees a node that it refused.
import { UnsupportedOpError } from '../errors.ts';
import type { Graph, Node } from '../graph.ts';
import { typesOf } from '../graph.ts';
import { definitionOf } from '../ops/table.ts';
import type { TensorType } from '../tensor.ts';
import { commonSubexpressions } from './commonSubexpressions.ts';
import { deadCode } from './deadCode.ts';
import { decompose } from './decompose.ts';

/** Whether a device runs this node with inputs of these types; a string says why not. */
export type Supports = (node: Node, types: readonly TensorType[]) => true | string;

/** @throws UnsupportedOpError for a primitive that the device refuses, with the device's reason. */
export function legalize(graph: Graph, supports: Supports): Graph {
  const refusal = (node: Node, within: Graph): string | undefined => {
    const answer = supports(node, typesOf(within, node.inputs));
    if (answer === true) return undefined;
    // In plain JavaScript an answer may be missing, which is not yes.
    return typeof answer === 'string' ? answer : `supports gives ${String(answer)}`;
  };
  const legal = decompose(graph, (node, within) => refusal(node, within) !== undefined);
  for (const node of legal.nodes) {
    const reason = refusal(node, legal);
    if (reason !== undefined && definitionOf(node.op).kind === 'primitive') {
      throw new UnsupportedOpError(`${node.op} "${node.name}": the device does not run it: ${reason}`);
    }
  }
  return deadCode(commonSubexpressions(legal));
}
