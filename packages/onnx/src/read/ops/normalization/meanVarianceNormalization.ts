// MeanVarianceNormalization: as ONNX's own definition in other operators has it, which adds 1e-9 to the deviation.
import type { ReadOp } from '../../node.ts';
import { meanOver } from '../arithmetic.ts';
import { axesOf } from '../axes.ts';

export const MeanVarianceNormalization: ReadOp = (node) => {
  const { op } = node;
  const x = node.float(0);
  const { shape } = x;
  const axes = axesOf(node, node.attributes.ints('axes', [0, 2, 3]), shape.length);
  const centred = op.sub(x, op.broadcast(meanOver(node, x, axes), { shape }));
  const deviation = op.sqrt(meanOver(node, op.mul(centred, centred), axes));
  const divisor = op.add(deviation, node.frame.scope.fill(1e-9, deviation.shape));
  return op.div(centred, op.broadcast(divisor, { shape }));
};
