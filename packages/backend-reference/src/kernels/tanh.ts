// The hyperbolic tangent of x. `x: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Operands } from '../operands.ts';

export function tanh(_: NodeOf<'tanh'>, operands: Operands): Float64Array {
  return operands.floats(0).map((value) => Math.tanh(value));
}
