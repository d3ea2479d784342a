// Sends each window's gradient to its first maximum. `x: [N, C, H, W], y, dy: [N, C, OH, OW] -> [N, C, H, W]`
import type { NodeOf } from '@isonet/core';
import { firstMaxima } from '../geometry.ts';
import type { Operands } from '../operands.ts';

export function maxPool2dGrad({ attrs }: NodeOf<'maxPool2dGrad'>, operands: Operands): Float64Array {
  const dy = operands.floats(2);
  const dx = operands.zeros();
  firstMaxima(operands.floats(0), operands.shape(0), operands.shape(2), attrs).forEach(
    (at, i) => (dx[at]! += dy[i]!),
  );
  return dx;
}
