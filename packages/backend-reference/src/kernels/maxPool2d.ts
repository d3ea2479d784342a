// The maximum of each window. `x: [N, C, H, W] -> [N, C, OH, OW]`
import type { NodeOf } from '@isonet/core';
import { firstMaxima } from '../geometry.ts';
import type { Operands } from '../operands.ts';

export function maxPool2d({ attrs }: NodeOf<'maxPool2d'>, operands: Operands): Float64Array {
  const x = operands.floats(0);
  const maxima = firstMaxima(x, operands.shape(0), operands.result.shape, attrs);
  return operands.zeros().map((_zero, i) => x[maxima[i]!]!);
}
