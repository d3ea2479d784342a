// BatchNormalization: operator set 7 and later; spatial, as all exporters write it.
import type { Value } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';

/** From here the attribute training_mode says what the number of outputs said before. */
const MODE_IS_ATTRIBUTE = 14;

export const BatchNormalization: ReadOp = (node) => {
  const { attributes, op } = node;
  const epsilon = attributes.float('epsilon', 1e-5);
  const momentum = attributes.float('momentum', 0.9);
  if (attributes.int('spatial', 1) !== 1) throw node.fail('statistics per pixel (spatial = 0) are not read');
  // Weights that are standardized before they are used are learned all the same.
  const isOfWeights = node.storedName(0) !== undefined;
  const x = node.weight(0, 'weight');
  const [scale, bias] = [node.weight(1, 'scale'), node.weight(2, 'bias')];
  const [mean, variance] = isOfWeights
    ? [node.float(3), node.float(4)]
    : [node.buffer(3, 'mean', 0), node.buffer(4, 'variance', 1)];
  const isInBatchMode = usesBatchAlways(node);
  const isLearning = !isOfWeights && learns(node);
  if (!isInBatchMode && !isLearning) {
    return op.batchNormInference(x, scale, bias, mean, variance, { epsilon });
  }
  if (!node.training && !isOfWeights) {
    node.frame.note(
      `"${node.name}" normalizes by the batch in inference too, as the file says (it was exported in training mode)`,
    );
  }
  const [y, batchMean, batchVariance] = op.batchNorm(x, scale, bias, { epsilon });
  const moved = (running: Value, now: Value, part: number): Value => {
    const fill = (number: number): Value => node.frame.scope.fill(number, running.shape);
    return op.add(op.mul(running, fill(momentum)), op.mul(now, fill(part * (1 - momentum))));
  };
  if (isLearning) {
    const count = sizeOf(x.shape) / dimOf(x.shape, 1);
    // The running variance is the unbiased one, as core's own batchNorm and PyTorch have it.
    update(node, 3, moved(mean, batchMean, 1));
    update(node, 4, moved(variance, batchVariance, count > 1 ? count / (count - 1) : 1));
  }
  if (!isInBatchMode) return y;
  // ONNX's is the biased one.
  return [y, moved(mean, batchMean, 1), moved(variance, batchVariance, 1)];
};

/** Whether the file asks for the statistics of the batch, in inference too. */
function usesBatchAlways(node: NodeReader): boolean {
  const isAsked = node.attributes.int('training_mode', 0) !== 0;
  if (node.opset >= MODE_IS_ATTRIBUTE) return isAsked;
  return node.outputNames.slice(1).some((name) => name !== '');
}

/** Whether it is built for training, with parameters and statistics of its own that are not frozen. */
function learns(node: NodeReader): boolean {
  const [scale, bias] = [node.parameterName(1), node.parameterName(2)];
  const hasStatistics = node.bufferName(3) !== undefined && node.bufferName(4) !== undefined;
  if (!node.training || scale === undefined || bias === undefined || !hasStatistics) return false;
  return !node.frame.scope.areFrozen([scale, bias]);
}

/** Running statistics after the step. */
function update(node: NodeReader, i: number, value: Value): void {
  const name = node.bufferName(i);
  if (name !== undefined) node.frame.scope.update(name, value);
}
