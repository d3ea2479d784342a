// dw += x * dy over all products. `x: [N, C, H, W], dy: [N, K, OH, OW] -> [K, C / groups, KH, KW]`
import type { NodeOf } from '@isonet/core';
import { forEachRow } from '../geometry.ts';
import type { Operands } from '../operands.ts';

export function conv2dGradFilter({ attrs }: NodeOf<'conv2dGradFilter'>, operands: Operands): Float64Array {
  const x = operands.floats(0);
  const dy = operands.floats(1);
  const dw = operands.zeros();
  const stride = attrs.strides[1];
  forEachRow(
    operands.shape(0),
    attrs.filterShape,
    operands.shape(1),
    attrs,
    (weight, xStart, yStart, count) => {
      let sum = 0;
      for (let j = 0; j < count; j++) sum += x[xStart + j * stride]! * dy[yStart + j]!;
      dw[weight]! += sum;
    },
  );
  return dw;
}
