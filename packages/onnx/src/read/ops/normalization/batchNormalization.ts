// BatchNormalization: operator set 7 and later. Only the spatial form, which all exporters write, is supported.
import type { Value } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';

/**
 * From this operator set on, the attribute training_mode selects batch statistics. In older ones, the number of outputs
 * does.
 */
const MODE_IS_ATTRIBUTE = 14;

export const BatchNormalization: ReadOp = (node) => {
  const { attributes, op } = node;
  const epsilon = attributes.float('epsilon', 1e-5);
  const momentum = attributes.float('momentum', 0.9);
  if (attributes.int('spatial', 1) !== 1)
    throw node.fail('statistics per pixel (spatial = 0) are not supported');
  // Weight standardization normalizes a weight, which is still learned.
  const standardizesWeights = node.storedName(0) !== undefined;
  const x = node.weight(0, 'weight');
  const [scale, bias] = [node.weight(1, 'scale'), node.weight(2, 'bias')];
  const [mean, variance] = standardizesWeights
    ? [node.float(3), node.float(4)]
    : [node.buffer(3, 'mean', 0), node.buffer(4, 'variance', 1)];
  const isInBatchMode = usesBatchAlways(node);
  const isLearning = !standardizesWeights && learns(node);
  if (!isInBatchMode && !isLearning) {
    return op.batchNormInference(x, scale, bias, mean, variance, { epsilon });
  }
  if (!node.training && !standardizesWeights) {
    node.frame.note(
      `"${node.name}" normalizes by the batch in inference too, because the file was exported in training mode`,
    );
  }
  const [y, batchMean, batchVariance] = op.batchNorm(x, scale, bias, { epsilon });
  const moved = (running: Value, now: Value, part: number): Value => {
    const fill = (number: number): Value => node.frame.scope.fill(number, running.shape);
    return op.add(op.mul(running, fill(momentum)), op.mul(now, fill(part * (1 - momentum))));
  };
  if (isLearning) {
    const count = sizeOf(x.shape) / dimOf(x.shape, 1);
    // The running variance is unbiased, as in core's batchNorm and PyTorch.
    update(node, 3, moved(mean, batchMean, 1));
    update(node, 4, moved(variance, batchVariance, count > 1 ? count / (count - 1) : 1));
  }
  if (!isInBatchMode) return y;
  // ONNX defines the running variance as biased.
  return [y, moved(mean, batchMean, 1), moved(variance, batchVariance, 1)];
};

/** Returns whether the file requests batch statistics even in inference. */
function usesBatchAlways(node: NodeReader): boolean {
  const isTraining = node.attributes.int('training_mode', 0) !== 0;
  if (node.opset >= MODE_IS_ATTRIBUTE) return isTraining;
  return node.outputNames.slice(1).some((name) => name !== '');
}

/** Returns whether the node is built for training, with parameters and statistics from the file that are not frozen. */
function learns(node: NodeReader): boolean {
  const [scale, bias] = [node.parameterName(1), node.parameterName(2)];
  const hasStatistics = node.bufferName(3) !== undefined && node.bufferName(4) !== undefined;
  if (!node.training || scale === undefined || bias === undefined || !hasStatistics) return false;
  return !node.frame.scope.areFrozen([scale, bias]);
}

/** Updates a running statistic after the step. */
function update(node: NodeReader, i: number, value: Value): void {
  const name = node.bufferName(i);
  if (name !== undefined) node.frame.scope.update(name, value);
}
