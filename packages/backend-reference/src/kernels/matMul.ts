// Row by column, each matrix as it lies. `x: [M, K] (or [K, M]), y: [K, N] (or [N, K]) -> [M, N]`
import type { NodeOf } from '@isonet/core';
import { steps } from '../geometry.ts';
import type { Operands } from '../operands.ts';

export function matMul({ attrs }: NodeOf<'matMul'>, operands: Operands): Float64Array {
  const [x, y, z] = [operands.floats(0), operands.floats(1), operands.zeros()];
  const [rows, columns] = operands.result.shape;
  const terms = operands.shape(0)[attrs.transposeA ? 0 : 1]!;
  const [xDown = 0, xAlong = 0] = swapped(steps(operands.shape(0)), attrs.transposeA);
  const [yDown = 0, yAlong = 0] = swapped(steps(operands.shape(1)), attrs.transposeB);
  let at = 0;
  for (let i = 0; i < rows!; i++) {
    for (let j = 0; j < columns!; j++) {
      let sum = 0;
      for (let k = 0; k < terms; k++) sum += x[i * xDown + k * xAlong]! * y[k * yDown + j * yAlong]!;
      z[at++] = sum;
    }
  }
  return z;
}

function swapped(pair: readonly number[], really: boolean): readonly number[] {
  return really ? pair.toReversed() : pair;
}
