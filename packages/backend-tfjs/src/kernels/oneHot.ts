// 1 in the column of the label, else 0; zeros for a label outside 0..depth-1. `labels: int32 [N] -> float32 [N, depth]`
import type { NodeOf } from '@isonet/core';
import type { Context } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function oneHot({ attrs: { depth } }: NodeOf<'oneHot'>, context: Context): DeviceTensor {
  const { tf } = context;
  // tf.oneHot refuses a depth of 1, and on wasm writes the bits of integers into float32.
  const labels = context.input(0).full('rowMajor').reshape([-1, 1]);
  return context.result(tf.equal(labels, tf.range(0, depth, 1, 'int32')).cast('float32'));
}
