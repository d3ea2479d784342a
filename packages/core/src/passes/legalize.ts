import type { Refusal } from '../errors.ts';
import { UnsupportedOpError } from '../errors.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { typesOf } from '../graph/typeOf.ts';
import { nodeText } from '../graph/print.ts';
import type { TensorType } from '../tensor.ts';
import { commonSubexpressions } from './commonSubexpressions.ts';
import { deadCode } from './deadCode.ts';
import { decompose } from './decompose.ts';

/** Why a device does not run a node that it would run on smaller tensors. */
export interface SizeLimit {
  /** What is too large, how large it may be, and the fix. */
  readonly reason: string;
  readonly limit: 'size';
}

/** Whether a device runs this node with inputs of these types: `true`, or why not. */
export type Supports = (node: Node, types: readonly TensorType[]) => true | string | SizeLimit;

/**
 * Decomposes the composites that a device refuses, so that a backend never sees a node that it refused.
 * @throws UnsupportedOpError listing every primitive that the device refuses, with the device's reasons
 */
export function legalize(graph: Graph, supports: Supports): Graph {
  const refusal = (node: Node, within: Graph): Pick<Refusal, 'reason' | 'limit'> | undefined => {
    const answer = supports(node, typesOf(within, node.inputs));
    if (answer === true) return undefined;
    if (typeof answer === 'object') return answer;
    // Plain JavaScript may return nothing at all, which does not mean yes.
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

const MOST_TOLD = 3;

function refusalText(refusals: readonly Refusal[]): string {
  const told = refusals.slice(0, MOST_TOLD).map(({ node, reason }) => `${node}: ${reason}`);
  const more = refusals.length - told.length;
  return `the device does not run ${[...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')}`;
}
