// BatchNormalization: operator set 7 and later; spatial, as all exporters write it.
import type { Value } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';

export const BatchNormalization: ReadOp = (node) => {
  const { attributes, op } = node;
  const epsilon = attributes.float('epsilon', 1e-5);
  const momentum = attributes.float('momentum', 0.9);
  if (attributes.int('spatial', 1) !== 1) throw node.fail('statistics per pixel (spatial = 0) are not read');
  if (attributes.int('training_mode', 0) !== 0 && node.outputNames.length > 1) {
    throw node.fail('batch statistics as outputs are not read');
  }
  const x = node.float(0);
  const [scale, bias] = [node.weight(1, 'scale'), node.weight(2, 'bias')];
  const [mean, variance] = [node.buffer(3, 0), node.buffer(4, 1)];
  const stored = [1, 2, 3, 4].map((i) => node.storedName(i));
  const [scaleName, biasName, meanName, varianceName] = stored;
  const isLearned = stored.every((name) => name !== undefined);
  if (!node.training || !isLearned || scaleName === undefined || biasName === undefined) {
    return op.batchNormInference(x, scale, bias, mean, variance, { epsilon });
  }
  if (node.frame.scope.areFrozen([scaleName, biasName])) {
    return op.batchNormInference(x, scale, bias, mean, variance, { epsilon });
  }
  const [y, batchMean, batchVariance] = op.batchNorm(x, scale, bias, { epsilon });
  const count = sizeOf(x.shape) / dimOf(x.shape, 1);
  // The running variance is the unbiased one, as core's own batchNorm and PyTorch have it.
  update(node, meanName, mean, batchMean, momentum, 1);
  update(node, varianceName, variance, batchVariance, momentum, count > 1 ? count / (count - 1) : 1);
  return y;
};

/** Running statistics once per step, though two nodes may share them. */
function update(
  { frame: { scope }, op }: NodeReader,
  name: string | undefined,
  running: Value,
  now: Value,
  momentum: number,
  part: number,
): void {
  if (name === undefined) return;
  const { shape } = running;
  const kept = op.mul(running, scope.fill(momentum, shape));
  scope.update(name, op.add(kept, op.mul(now, scope.fill(part * (1 - momentum), shape))));
}
