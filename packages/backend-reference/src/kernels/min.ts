// The smaller of x and y; NaN if either is. `x: [...], y: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Operands } from '../operands.ts';

export function min(_: NodeOf<'min'>, operands: Operands): Float64Array {
  const y = operands.floats(1);
  return operands.floats(0).map((value, i) => Math.min(value, y[i]!));
}
