// Detects batches, or parts of batches, of one sample, in which batch norm may see only one value per
// channel. The check runs before the first step, because the size of an epoch's last batch is known by then.
import { DataError } from '../../errors.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import { singleValued } from '../graphs/statistics.ts';
import { network } from '../model.ts';
import type { FitOptions } from './options.ts';

/**
 * Checks the batch sizes of a run before the first step, including an epoch's last batch and the parts of a batch.
 * @throws DataError `BATCHES` if batch norm would have one value per channel
 */
export function checkSmallBatches(options: FitOptions): void {
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
    size === 1 ? `${batch} has 1 sample` : `${batch} has ${size} samples, one of them alone in a part`;
  const option = full === 1 || microBatchSize === undefined ? 'batchSize' : 'batchSize or microBatchSize';
  throw new DataError('BATCHES', `fit: ${where}, and ${problem}; ${fix} ${option}`);
}

/** Returns the number of samples in the smallest part of a batch. */
function leastPart(size: number, microBatchSize: number = size): number {
  if (size <= microBatchSize) return size;
  return size % microBatchSize === 0 ? microBatchSize : size % microBatchSize;
}
