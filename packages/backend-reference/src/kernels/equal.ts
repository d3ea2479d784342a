// Whether x = y. `x: [...], y: [...] -> bool [...]`
import type { NodeOf } from '@isonet/core';
import type { Operands } from '../operands.ts';

export function equal(_: NodeOf<'equal'>, operands: Operands): Uint8Array {
  const x = operands.floats(0);
  const y = operands.floats(1);
  return new Uint8Array(x.length).map((_byte, i) => Number(x[i] === y[i]));
}
