// 1 in the column of the label; a label outside 0..depth-1 gives zeros. `labels: int32 [N] -> [N, depth]`
import type { NodeOf } from '@isonet/core';
import type { Operands } from '../operands.ts';

export function oneHot({ attrs: { depth } }: NodeOf<'oneHot'>, operands: Operands): Float64Array {
  const y = operands.zeros();
  operands.data(0).forEach((label, row) => {
    if (label >= 0 && label < depth) y[row * depth + label] = 1;
  });
  return y;
}
