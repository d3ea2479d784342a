import type { Refusal } from '../errors.ts';
import { UnsupportedOpError } from '../errors.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { typesOf } from '../graph/typeOf.ts';
import { nodeText } from '../graph/print.ts';
import type { TensorType } from '../tensor.ts';
import { commonSubexpressions } from './commonSubexpressions.ts';
import { deadCode } from './deadCode.ts';
import { decompose } from './decompose.ts';

/** The reason why a device does not run a node that it would run on smaller tensors. */
export interface SizeLimit {
  /** States the excess size, the limit and the fix. */
  readonly reason: string;
  readonly limit: 'size';
}

/**
 * Tests whether a device runs a node with inputs of these types. Returns true, or the reason why it does not.
 */
export type Supports = (node: Node, types: readonly TensorType[]) => true | string | SizeLimit;

/**
 * Decomposes the composites that a device does not support, so a backend never receives an unsupported node.
 * @throws UnsupportedOpError listing every unsupported primitive with the device's reason
 */
export function legalize(graph: Graph, supports: Supports): Graph {
  const refusal = (node: Node, within: Graph): Pick<Refusal, 'reason' | 'limit'> | undefined => {
    const answer = supports(node, typesOf(within, node.inputs));
    if (answer === true) return undefined;
    if (typeof answer === 'object') return answer;
    // In plain JavaScript the answer may be missing, which counts as unsupported.
    return { reason: typeof answer === 'string' ? answer : `supports returned ${String(answer)}` };
  };
  const legal = decompose(graph, (node, within) => refusal(node, within) !== undefined);
  const refusals = legal.nodes.flatMap((node): readonly Refusal[] => {
    const refused = refusal(node, legal);
    return refused === undefined ? [] : [{ node: nodeText(node), op: node.op, ...refused }];
  });
  if (refusals.length > 0) throw new UnsupportedOpError(refusalText(refusals), refusals);
  return deadCode(commonSubexpressions(legal));
}

const MAX_LISTED = 3;

function refusalText(refusals: readonly Refusal[]): string {
  const listed = refusals.slice(0, MAX_LISTED).map(({ node, reason }) => `${node}: ${reason}`);
  const more = refusals.length - listed.length;
  return `the device cannot run ${[...listed, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')}`;
}
