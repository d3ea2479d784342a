// The inputs of a case that may carry a batch, for the tests of batches and of chunks.
import type { Tensors } from '@isonet/core';

/** The inputs that carry a batch, each with the axis of the batch. */
export type Axes = Readonly<Record<string, number>>;

/**
 * Returns the choices of carriers: each float or integer input alone, along each of its axes, and all inputs together
 * that have the first one's length along axis 0.
 */
export function carriersOf(feeds: Tensors): readonly Axes[] {
  const able = Object.entries(feeds).filter(([, { dtype }]) => dtype === 'float32' || dtype === 'int32');
  const single = able.flatMap(([name, { shape }]) =>
    shape.flatMap((dim, axis) => (dim > 1 ? [{ [name]: axis }] : [])),
  );
  const together = able.filter(([, { shape }]) => shape.length > 0 && shape[0] === able[0]?.[1].shape[0]);
  return together.length > 1 ? [...single, Object.fromEntries(together.map(([name]) => [name, 0]))] : single;
}
