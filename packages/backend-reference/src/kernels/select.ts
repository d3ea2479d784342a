// x where the condition holds, else y. `condition: bool [...], x: [...], y: [...] -> [...]`
import type { NodeOf } from '@isonet/core';
import type { Operands } from '../operands.ts';

export function select(_: NodeOf<'select'>, operands: Operands): Float64Array {
  const condition = operands.data(0);
  const y = operands.floats(2);
  return operands.floats(1).map((value, i) => (condition[i] === 0 ? y[i]! : value));
}
