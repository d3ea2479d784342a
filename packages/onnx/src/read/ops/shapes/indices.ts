// Normalizes indices that the network computes.
import type { Value } from '@isonet/core';
import type { NodeReader } from '../../node.ts';

/**
 * Converts indices `[n]` into `size` entries to int32 counted from 0. Negative indices count from the end. The
 * arithmetic uses floats: an index too large to be exact is outside every axis, both before and after rounding.
 */
export function fromTheStart({ op, frame }: NodeReader, indices: Value, size: number): Value {
  const integers = indices.dtype === 'int32' ? indices : op.cast(indices, { to: 'int32' });
  const floats = op.cast(integers, { to: 'float32' });
  const fill = (number: number): Value => frame.scope.fill(number, floats.shape);
  const wrapped = op.select(op.greater(fill(0), floats), op.add(floats, fill(size)), floats);
  return op.cast(wrapped, { to: 'int32' });
}
