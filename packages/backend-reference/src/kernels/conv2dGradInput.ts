// dx += dy * w over all products. `dy: [N, K, OH, OW], w: [K, C / groups, KH, KW] -> [N, C, H, W]`
import type { NodeOf } from '@isonet/core';
import { forEachRow } from '../geometry.ts';
import type { Operands } from '../operands.ts';

export function conv2dGradInput({ attrs }: NodeOf<'conv2dGradInput'>, operands: Operands): Float64Array {
  const dy = operands.floats(0);
  const w = operands.floats(1);
  const dx = operands.zeros();
  const stride = attrs.strides[1];
  forEachRow(
    attrs.inputShape,
    operands.shape(1),
    operands.shape(0),
    attrs,
    (weight, xStart, yStart, count) => {
      const factor = w[weight]!;
      for (let j = 0; j < count; j++) dx[xStart + j * stride]! += factor * dy[yStart + j]!;
    },
  );
  return dx;
}
