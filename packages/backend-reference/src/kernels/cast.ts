// The same values as another dtype; floats are cut towards 0. `x: bool | int32 | float32 [...] -> float32 | int32 [...]`
import type { NodeOf } from '@isonet/core';
import type { Operands } from '../operands.ts';
import type { Data } from '../values.ts';

export function cast(_: NodeOf<'cast'>, operands: Operands): Data {
  const y = operands.empty();
  y.set(operands.data(0));
  return y;
}
