import type { Value } from '@isonet/core';
import { dimOf } from '@isonet/core';
import type { NodeReader } from '../../node.ts';
import { shaped } from '../arithmetic.ts';

/** Matrix by matrix: `[B, M, K], [B, K, N] -> [B, M, N]`. */
export function stackProduct(node: NodeReader, a: Value, b: Value): Value {
  const { op } = node;
  const matrix = ({ shape }: Value, from: Value, i: number): Value =>
    shaped(node, op.slice(from, { starts: [i, 0, 0], sizes: shape.with(0, 1) }), shape.slice(1));
  const products = Array.from({ length: dimOf(a.shape, 0) }, (_, i) => {
    const product = op.matMul(matrix(a, a, i), matrix(b, b, i), { transposeA: false, transposeB: false });
    return shaped(node, product, [1, ...product.shape]);
  });
  return op.concat(...products, { axis: 0 });
}
