// The product of two matrices, each optionally transposed. `x: [M, K], y: [K, N] -> [M, N]`
import type { Shape } from '@isonet/core';
import { shape2, sizeOf } from '@isonet/core';
import type { Kernel } from '../kernel.ts';
import { floats, floatZeros } from '../kernel.ts';

export const matMul: Kernel<'matMul'> = ({ attrs }, { inputs: [x, y], outputs: [z] }) => {
  const [xs, ys, zs] = [floats(x), floats(y), floatZeros(z)];
  const [rows, columns] = shape2(z.shape);
  const terms = sizeOf(x.shape) / rows;
  const [xDown, xAlong] = strides(x.shape, attrs.transposeA);
  const [yDown, yAlong] = strides(y.shape, attrs.transposeB);
  let at = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < terms; k++) sum += xs[i * xDown + k * xAlong]! * ys[k * yDown + j * yAlong]!;
      zs[at++] = sum;
    }
  }
  return zs;
};

/** Returns the strides down a column and along a row. */
function strides(shape: Shape, transposed: boolean): readonly [down: number, along: number] {
  const [, width] = shape2(shape);
  return transposed ? [1, width] : [width, 1];
}
