// The square root of x. `x: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Operands } from '../operands.ts';

export function sqrt(_: NodeOf<'sqrt'>, operands: Operands): Float64Array {
  return operands.floats(0).map((value) => Math.sqrt(value));
}
