// Conv: operator set 1 and later.
import type { ReadOp } from '../../node.ts';
import { asGiven, asImages, padded, slidingOf, windowAttrs } from './window.ts';

export const Conv: ReadOp = (node) => {
  const groups = node.attributes.int('group', 1);
  const [x, w] = [node.float(0), node.weight(1, 'weight')];
  const window = windowAttrs(padded(node, slidingOf(node, x.shape, w.shape)));
  const y = node.op.conv2d(asImages(node, x), asImages(node, w), { ...window, groups });
  return asGiven(node, node.has(2) ? node.op.biasAdd(y, node.weight(2, 'bias')) : y, x.shape);
};
