// MaxPool: operator set 1 and later, without its second output, the indices.
import type { ReadOp } from '../../node.ts';
import { imageOf, windowOf } from '../convolution/window.ts';

export const MaxPool: ReadOp = (node) => {
  const x = node.float(0);
  const { kernel, strides, pads, dilations } = windowOf(node, imageOf(node, x.shape));
  if (node.attributes.int('ceil_mode', 0) !== 0 || dilations.some((dilation) => dilation !== 1)) {
    throw node.fail('ceil_mode and dilations are not read');
  }
  node.attributes.ignore('storage_order'); // Of the indices.
  return node.op.maxPool2d(x, { kernel, strides, pads });
};
