// The sum x + y. `x: [...], y: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Operands } from '../operands.ts';

export function add(_: NodeOf<'add'>, operands: Operands): Float64Array {
  const y = operands.floats(1);
  return operands.floats(0).map((value, i) => value + y[i]!);
}
