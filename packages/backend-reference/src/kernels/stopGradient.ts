// x itself. `x: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Operands } from '../operands.ts';

export function stopGradient(_: NodeOf<'stopGradient'>, operands: Operands): Float64Array {
  return operands.floats(0);
}
