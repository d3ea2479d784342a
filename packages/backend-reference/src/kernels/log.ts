// The natural logarithm of x. `x: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Operands } from '../operands.ts';

export function log(_: NodeOf<'log'>, operands: Operands): Float64Array {
  return operands.floats(0).map((value) => Math.log(value));
}
