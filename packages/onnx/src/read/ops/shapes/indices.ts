// Indices that the network computes.
import type { Value } from '@isonet/core';
import type { NodeReader } from '../../node.ts';

/**
 * Indices `[n]` into `size` entries, as int32 from 0: negative ones count from the end. They are counted among floats; those too
 * large for that are outside of every axis before and after rounding.
 */
export function fromTheStart({ op, frame }: NodeReader, indices: Value, size: number): Value {
  const whole = indices.dtype === 'int32' ? indices : op.cast(indices, { to: 'int32' });
  const floats = op.cast(whole, { to: 'float32' });
  const fill = (number: number): Value => frame.scope.fill(number, floats.shape);
  const wrapped = op.select(op.greater(fill(0), floats), op.add(floats, fill(size)), floats);
  return op.cast(wrapped, { to: 'int32' });
}
