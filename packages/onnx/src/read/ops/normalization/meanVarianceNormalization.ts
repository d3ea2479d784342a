// MeanVarianceNormalization, following ONNX's definition as a function, which adds 1e-9 to the deviation.
import type { ReadOp } from '../../node.ts';
import { meanOver } from '../arithmetic.ts';
import { axesOf } from '../axes.ts';

export const MeanVarianceNormalization: ReadOp = (node) => {
  const { op } = node;
  const x = node.float(0);
  const { shape } = x;
  const axes = axesOf(node, node.attributes.ints('axes', [0, 2, 3]), shape.length);
  const centered = op.sub(x, op.broadcast(meanOver(node, x, axes), { shape }));
  const deviation = op.sqrt(meanOver(node, op.mul(centered, centered), axes));
  const divisor = op.add(deviation, node.frame.scope.fill(1e-9, deviation.shape));
  return op.div(centered, op.broadcast(divisor, { shape }));
};
