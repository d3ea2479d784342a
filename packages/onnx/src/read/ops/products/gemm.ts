// Gemm: alpha * A' * B' + beta * C.
import type { ReadOp } from '../../node.ts';
import { broadcastTo } from '../broadcasting.ts';

export const Gemm: ReadOp = (node) => {
  const { attributes, op } = node;
  const alpha = attributes.float('alpha', 1);
  const beta = attributes.float('beta', 1);
  const [transposeA, transposeB] = [attributes.int('transA', 0) !== 0, attributes.int('transB', 0) !== 0];
  const product = op.matMul(node.float(0), node.weight(1, 'weight'), { transposeA, transposeB });
  const { shape } = product;
  const scaled = alpha === 1 ? product : op.mul(product, node.frame.scope.fill(alpha, shape));
  if (!node.has(2) || beta === 0) return scaled;
  const bias = node.weight(2, 'bias');
  if (bias.shape.length === 1 && beta === 1 && bias.shape[0] === shape[1]) return op.biasAdd(scaled, bias);
  const full = broadcastTo(node, bias, shape);
  return op.add(scaled, beta === 1 ? full : op.mul(full, node.frame.scope.fill(beta, shape)));
};
