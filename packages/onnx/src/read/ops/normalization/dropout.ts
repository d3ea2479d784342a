// Dropout: operator set 7 and later. It drops values in training, and is the identity in inference.
import type { Value } from '@isonet/core';
import type { NodeReader, ReadOp } from '../../node.ts';

/**
 * From this operator set on, ratio and training_mode are inputs. In older ones, ratio is an attribute, and
 * training_mode does not exist.
 */
const RATIO_IS_INPUT = 12;
/** From this operator set on, the mask is a bool. In older ones, it has the type of x. */
const MASK_IS_BOOL = 10;

export const Dropout: ReadOp = (node) => {
  node.attributes.ignore('seed'); // Runs set their own seed.
  const rate = node.opset < RATIO_IS_INPUT ? node.attributes.float('ratio', 0.5) : ratioOf(node);
  if (!(rate >= 0 && rate < 1))
    throw node.fail(`expected a ratio of at least 0 and less than 1, got ${rate}`);
  const isTrainingMode = node.opset >= RATIO_IS_INPUT && node.has(2) && node.host(2).data[0] !== 0;
  const [, mask] = node.outputNames;
  const isMaskUsed = mask !== undefined && mask !== '';
  if (!node.training || rate === 0) {
    if (isTrainingMode && rate > 0) {
      node.frame.note(
        `"${node.name}" drops nothing in inference, although the file was exported in training mode`,
      );
    }
    const all = isMaskUsed ? [maskOf(node, node.frame.scope.fill(1, node.shape(0)))] : [];
    return [node.input(0), ...all];
  }
  const x = node.float(0);
  const { part } = node.frame;
  const uniform = part.uniform(x.shape);
  const y = node.op.dropout(x, uniform, { rate });
  if (!isMaskUsed) return y;
  const isDropped = node.op.greater(part.fill(rate, x.shape), uniform);
  return [y, maskOf(node, node.op.select(isDropped, part.fill(0, x.shape), part.fill(1, x.shape)))];
};

function ratioOf(node: NodeReader): number {
  if (!node.has(1)) return 0.5;
  const [ratio] = node.host(1).data;
  if (ratio === undefined) throw node.fail('expected a ratio, got an empty tensor');
  return ratio;
}

/** Converts a mask, 1 where a value is kept, to the type that the operator set defines. */
function maskOf(node: NodeReader, kept: Value): Value {
  const zeros = node.frame.scope.fill(0, kept.shape);
  return node.opset < MASK_IS_BOOL ? kept : node.op.greater(kept, zeros);
}
