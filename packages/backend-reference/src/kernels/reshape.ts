// The same values under another shape. `x: [...] -> shape`, any dtype
import type { NodeOf } from '@isonet/core';
import type { Operands } from '../operands.ts';
import type { Data } from '../values.ts';

export function reshape(_: NodeOf<'reshape'>, operands: Operands): Data {
  return operands.data(0);
}
