// Lowers a legal graph to dispatches: applies each node's kernel, resolves aliases, and leaves out broadcasts of a scalar that
// the kernels can read directly. Pure: no device is involved.
import type { Graph, Node, TensorType, ValueId } from '@isonet/core';
import { GraphError, kernelFor, nodeText, sizeOf, typeOf } from '@isonet/core';
import { kernels } from './kernels/index.ts';
import type { Dispatch, Lowered, NodeTensor } from './kernels/kernel.ts';

/** A node that dispatches work. */
export interface Step {
  readonly node: Node;
  readonly dispatches: readonly Dispatch[];
}

export interface LoweredGraph {
  readonly graph: Graph;
  readonly steps: readonly Step[];
  /** Returns the value whose memory contains `value`: the value itself, unless it is an alias. */
  readonly storageOf: (value: ValueId) => ValueId;
}

/**
 * Lowers a node with its kernel. Returns undefined for an op without a kernel.
 * @param substitute returns the value to read instead of an input; default: the input itself
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
  const scalars = broadcastScalars(graph);
  const storages = new Map<ValueId, ValueId>();
  const storageOf = (value: ValueId): ValueId => storages.get(value) ?? value;
  const typeAt = (value: ValueId): TensorType => typeOf(graph, value);
  const steps: Step[] = [];
  for (const node of graph.nodes) {
    const whole = lowerNode(node, typeAt);
    const lowered = acceptsScalars(whole)
      ? lowerNode(node, typeAt, (value) => scalars.get(value) ?? value)
      : whole;
    if (!lowered) {
      throw new GraphError(`${nodeText(node)} has no kernel: the graph is not legal for this device`);
    }
    if ('aliasOf' in lowered) storages.set(node.outputs[0], storageOf(lowered.aliasOf.value));
    else steps.push({ node, dispatches: lowered });
  }
  return { graph, steps: removeDead(graph, steps, storageOf), storageOf };
}

/** Returns the values that a step's dispatches read. */
export function readsOf({ dispatches }: Step): readonly ValueId[] {
  return dispatches.flatMap(({ reads }) => reads.flatMap((read) => (read.of === 'node' ? [read.value] : [])));
}

function acceptsScalars(lowered: Lowered | undefined): boolean {
  return (
    lowered !== undefined && !('aliasOf' in lowered) && lowered.every((dispatch) => dispatch.acceptsScalars)
  );
}

/** Maps each broadcast of a single element, and its aliases, to that element. */
function broadcastScalars(graph: Graph): ReadonlyMap<ValueId, ValueId> {
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

/** Removes steps whose results are unused: broadcasts that only pointwise kernels would have read. */
function removeDead(
  graph: Graph,
  steps: readonly Step[],
  storageOf: (value: ValueId) => ValueId,
): readonly Step[] {
  const live = new Set([...graph.outputs, ...graph.updates].map(({ value }) => storageOf(value)));
  const kept = steps.toReversed().filter((step) => {
    const needed = step.node.outputs.some((value) => live.has(value));
    if (needed) for (const value of readsOf(step)) live.add(storageOf(value));
    return needed;
  });
  return kept.toReversed();
}
