// From each window, g where x has its first maximum. `x, g: [N, C, H, W], y: [N, C, OH, OW] -> [N, C, OH, OW]`
import type { NodeOf } from '@isonet/core';
import { firstMaxima } from '../geometry.ts';
import type { Operands } from '../operands.ts';

export function maxPool2dGather({ attrs }: NodeOf<'maxPool2dGather'>, operands: Operands): Float64Array {
  const g = operands.floats(2);
  const maxima = firstMaxima(operands.floats(0), operands.shape(0), operands.result.shape, attrs);
  return operands.zeros().map((_zero, i) => g[maxima[i]!]!);
}
