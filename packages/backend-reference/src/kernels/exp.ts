// e to the power of x. `x: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Operands } from '../operands.ts';

export function exp(_: NodeOf<'exp'>, operands: Operands): Float64Array {
  return operands.floats(0).map((value) => Math.exp(value));
}
