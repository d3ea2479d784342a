// Batch norm over a single value per channel: its variance is 0, so that training learns nothing from the sample, while the
// running variance, by which evaluation divides, shrinks towards 0. It is refused before the first step.
import { DataError, ShapeError } from '../errors.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph } from '../graph/graph.ts';
import { nodeText } from '../graph/print.ts';
import { typeOf } from '../graph/typeOf.ts';
import { dimOf, sizeOf, typeText } from '../tensor.ts';
import type { FitOptions } from './fit/options.ts';
import { network } from './model.ts';

/** The first batch norm with one value per channel, for a message; undefined where there is none. */
function singleValued(graph: Graph): string | undefined {
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
 * @throws ShapeError where batch norm has one value per channel
 */
export function checkStatistics(graph: Graph): void {
  const problem = singleValued(graph);
  if (problem === undefined) return;
  throw new ShapeError(
    `${problem}: train on batches of 2 or more samples; leave out a last batch of 1 (dropLast), or choose another batch size`,
  );
}

/**
 * Checks the batches of a run, the last one of an epoch and its parts included, before the first step.
 * @throws DataError `BATCHES` where batch norm would have one value per channel
 */
export function checkBatchStatistics(options: FitOptions): void {
  const { train, batchSize, dropLast = false, microBatchSize, model, parameters = [] } = options;
  const full = Math.min(batchSize, train.length);
  const last = dropLast ? 0 : train.length % batchSize;
  const [batch, size, fix] =
    leastPart(full, microBatchSize) === 1
      ? ['a batch', full, 'choose another']
      : ['the last batch of an epoch', last, 'set dropLast: true, or choose another'];
  if (leastPart(size, microBatchSize) !== 1) return;
  const b = new GraphBuilder(model.name);
  network(b, model, 1, { training: true, rules: parameters });
  const problem = singleValued(b.build());
  if (problem === undefined) return;
  const where =
    size === 1 ? `${batch} has 1 sample` : `${batch} has ${size} samples, one of them in a part of its own`;
  const option = full === 1 || microBatchSize === undefined ? 'batchSize' : 'batchSize or microBatchSize';
  throw new DataError('BATCHES', `fit: ${where}, and ${problem}: ${fix} ${option}`);
}

/** Samples in the smallest part of a batch. */
function leastPart(size: number, microBatchSize: number = size): number {
  if (size <= microBatchSize) return size;
  return size % microBatchSize === 0 ? microBatchSize : size % microBatchSize;
}
