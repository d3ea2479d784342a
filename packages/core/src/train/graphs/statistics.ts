// Detects batch norm over a single value per channel. The variance of a single value is 0, so training learns
// nothing from the sample. The running variance meanwhile shrinks towards 0, and inference divides by its
// square root.
import { ShapeError } from '../../errors.ts';
import type { Graph } from '../../graph/graph.ts';
import { nodeText } from '../../graph/print.ts';
import { typeOf } from '../../graph/typeOf.ts';
import { dimOf, sizeOf, typeText } from '../../tensor.ts';

/** Describes the first batch norm with one value per channel, for a message; returns undefined if there is none. */
export function singleValued(graph: Graph): string | undefined {
  for (const node of graph.nodes) {
    if (node.op !== 'batchNorm') continue;
    const type = typeOf(graph, node.inputs[0]);
    if (sizeOf(type.shape) === dimOf(type.shape, 1)) {
      return `${nodeText(node)} normalizes ${typeText(type)}, a single value per channel, whose variance is 0`;
    }
  }
  return undefined;
}

/**
 * Checks a training graph.
 * @throws ShapeError if batch norm has one value per channel
 */
export function checkStatistics(graph: Graph): void {
  const problem = singleValued(graph);
  if (problem === undefined) return;
  throw new ShapeError(
    `${problem}; train on batches of 2 or more samples, and drop a last batch of 1 (dropLast) or choose another batch size`,
  );
}
