// y += x * w over all products. `x: [N, C, H, W], w: [K, C / groups, KH, KW] -> [N, K, OH, OW]`
import type { NodeOf } from '@isonet/core';
import { forEachRow } from '../geometry.ts';
import type { Operands } from '../operands.ts';

export function conv2d({ attrs }: NodeOf<'conv2d'>, operands: Operands): Float64Array {
  const x = operands.floats(0);
  const w = operands.floats(1);
  const y = operands.zeros();
  const stride = attrs.strides[1];
  forEachRow(
    operands.shape(0),
    operands.shape(1),
    operands.result.shape,
    attrs,
    (weight, xStart, yStart, count) => {
      const factor = w[weight]!;
      for (let j = 0; j < count; j++) y[yStart + j]! += factor * x[xStart + j * stride]!;
    },
  );
  return y;
}
