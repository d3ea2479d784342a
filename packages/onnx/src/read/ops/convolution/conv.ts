// Conv: ONNX's operator set 1 and later.
import type { ReadOp } from '../../node.ts';
import { imageOf, windowOf } from './window.ts';

export const Conv: ReadOp = (node) => {
  const groups = node.attributes.int('group', 1);
  const [x, w] = [node.float(0), node.weight(1, 'weight')];
  const { strides, pads, dilations } = windowOf(node, imageOf(node, x.shape), imageOf(node, w.shape));
  const y = node.op.conv2d(x, w, { strides, pads, dilations, groups });
  return node.has(2) ? node.op.biasAdd(y, node.weight(2, 'bias')) : y;
};
