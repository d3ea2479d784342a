// From a legal graph to dispatches: each node by its kernel, aliases resolved, numbers that are only repeated left where
// they are. Pure: no device is involved.
import type { Graph, Node, TensorType, ValueId } from '@isonet/core';
import { GraphError, kernelFor, nodeText, sizeOf, typeOf } from '@isonet/core';
import { kernels } from './kernels/index.ts';
import type { Dispatch, Lowered, NodeTensor } from './kernels/kernel.ts';

/** One node that does something. */
export interface Step {
  readonly node: Node;
  readonly dispatches: readonly Dispatch[];
}

export interface LoweredGraph {
  readonly graph: Graph;
  readonly steps: readonly Step[];
  /** The value in whose memory this one lies; itself, unless it is an alias. */
  readonly home: (value: ValueId) => ValueId;
}

/**
 * A node by its kernel; undefined for an op without one.
 * @param substitute the value that the node reads instead of an input, by default that input
 */
export function lowerNode(
  node: Node,
  typeAt: (value: ValueId) => TensorType,
  substitute: (value: ValueId) => ValueId = (value) => value,
): Lowered | undefined {
  const tensor = (value: ValueId): NodeTensor => ({ of: 'node', value, ...typeAt(value) });
  return kernelFor(kernels, node)?.((value) => tensor(substitute(value)), tensor, undefined);
}

export function lower(graph: Graph): LoweredGraph {
  const single = repeatedNumbers(graph);
  const homes = new Map<ValueId, ValueId>();
  const home = (value: ValueId): ValueId => homes.get(value) ?? value;
  const typeAt = (value: ValueId): TensorType => typeOf(graph, value);
  const steps: Step[] = [];
  for (const node of graph.nodes) {
    const whole = lowerNode(node, typeAt);
    const singles = takesSingles(whole)
      ? lowerNode(node, typeAt, (value) => single.get(value) ?? value)
      : whole;
    if (!singles) {
      throw new GraphError(`${nodeText(node)} has no kernel: the graph is not legal for this device`);
    }
    if ('aliasOf' in singles) homes.set(node.outputs[0], home(singles.aliasOf.value));
    else steps.push({ node, dispatches: singles });
  }
  return { graph, steps: withoutDead(graph, steps, home), home };
}

/** The values that a step's dispatches read. */
export function readsOf({ dispatches }: Step): readonly ValueId[] {
  return dispatches.flatMap(({ reads }) => reads.flatMap((read) => (read.of === 'node' ? [read.value] : [])));
}

function takesSingles(lowered: Lowered | undefined): boolean {
  return (
    lowered !== undefined && !('aliasOf' in lowered) && lowered.every((dispatch) => dispatch.takesSingles)
  );
}

/** Broadcasts of one number, and their aliases -> that number. */
function repeatedNumbers(graph: Graph): ReadonlyMap<ValueId, ValueId> {
  const sources = new Map<ValueId, ValueId>();
  for (const node of graph.nodes) {
    if (node.op !== 'broadcast' && node.op !== 'reshape' && node.op !== 'stopGradient') continue;
    const [from] = node.inputs;
    const [to] = node.outputs;
    const known = sources.get(from);
    if (known !== undefined) sources.set(to, known);
    else if (node.op === 'broadcast' && sizeOf(typeOf(graph, from).shape) === 1) sources.set(to, from);
  }
  return sources;
}

/** Leaves out what nobody reads any more: broadcasts that only elementwise kernels wanted. */
function withoutDead(
  graph: Graph,
  steps: readonly Step[],
  home: (value: ValueId) => ValueId,
): readonly Step[] {
  const live = new Set([...graph.outputs, ...graph.updates].map(({ value }) => home(value)));
  const kept = steps.toReversed().filter((step) => {
    const needed = step.node.outputs.some((value) => live.has(value));
    if (needed) for (const value of readsOf(step)) live.add(home(value));
    return needed;
  });
  return kept.toReversed();
}
