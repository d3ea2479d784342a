// Whether x is neither NaN nor infinite. `x: [...] -> bool [...]`
import type { NodeOf } from '@isonet/core';
import type { Operands } from '../operands.ts';

export function isFinite(_: NodeOf<'isFinite'>, operands: Operands): Uint8Array {
  const x = operands.floats(0);
  return new Uint8Array(x.length).map((_byte, i) => Number(Number.isFinite(x[i])));
}
