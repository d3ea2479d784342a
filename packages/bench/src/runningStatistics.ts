// Finds the running statistics of batch norm in a training graph. The graph updates them by arithmetic, `mean' = momentum * mean + ...`,
// whereas other libraries update them inside their batch norm.
import type { Graph, Node, ValueId } from '@isonet/core';
import { bufferName, nodeText } from '@isonet/core';

/** The buffers that one batch norm updates. */
export interface RunningStatistics {
  readonly mean: ValueId;
  readonly variance: ValueId;
  /** The fraction of the statistics that a step keeps. */
  readonly momentum: number;
}

/** A buffer, and the values that its next value combines. */
interface Blend {
  readonly buffer: ValueId;
  readonly name: string;
  readonly momentum: number;
  readonly statistic: ValueId;
}

/**
 * Returns the running statistics of each batch norm in a training graph.
 * @param fail creates the error for statistics of another form
 */
export function runningStatistics(
  graph: Graph,
  fail: (problem: string) => Error,
): ReadonlyMap<Node, RunningStatistics> {
  const producers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)),
  );
  const blends = graph.state.flatMap(({ name, value }): readonly Blend[] => {
    const update = graph.outputs.find((output) => output.name === bufferName(name));
    if (!update) return [];
    const blend = blendOf(graph, producers, { name, value, update: update.value });
    if (!blend)
      throw fail(`"${name}" has an update rule other than that of batch norm, which no rival supports`);
    return [blend];
  });
  const found = new Map<Node, RunningStatistics>();
  const matched = new Set<Blend>();
  for (const node of graph.nodes) {
    if (node.op !== 'batchNorm') continue;
    const [, ...statistics] = node.outputs;
    const [mean, variance] = statistics.map((value) => blends.find((blend) => blend.statistic === value));
    if (!mean || !variance || mean.momentum !== variance.momentum) {
      throw fail(
        `${nodeText(node)} has no running mean and variance with the same momentum, which every rival needs`,
      );
    }
    found.set(node, { mean: mean.buffer, variance: variance.buffer, momentum: mean.momentum });
    matched.add(mean).add(variance);
  }
  const other = blends.find((blend) => !matched.has(blend));
  if (other)
    throw fail(`"${other.name}" has an update rule other than that of batch norm, which no rival supports`);
  return found;
}

/** Reads `buffer' = buffer * momentum + statistic * factor`; undefined for anything else. */
function blendOf(
  graph: Graph,
  producers: ReadonlyMap<ValueId, Node>,
  { name, value, update }: { readonly name: string; readonly value: ValueId; readonly update: ValueId },
): Blend | undefined {
  const sum = producers.get(update);
  if (sum?.op !== 'add') return undefined;
  const [kept, added] = sum.inputs.map((part) => producers.get(part));
  if (kept?.op !== 'mul' || added?.op !== 'mul' || kept.inputs[0] !== value) return undefined;
  const momentum = filledWith(graph, producers.get(kept.inputs[1]));
  if (momentum === undefined || filledWith(graph, producers.get(added.inputs[1])) === undefined)
    return undefined;
  return { buffer: value, name, momentum, statistic: added.inputs[0] };
}

/** Returns the number that fills the result of a node, without the digits that float32 rounding adds. */
function filledWith(graph: Graph, node: Node | undefined): number | undefined {
  if (node?.op !== 'broadcast') return undefined;
  const constant = graph.constants.find(({ value }) => value === node.inputs[0]);
  const [number] = constant?.data.data ?? [];
  return typeof number === 'number' ? Number(number.toPrecision(7)) : undefined;
}
