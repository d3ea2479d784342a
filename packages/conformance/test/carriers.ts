// The inputs of a case that may carry a batch: what the tests of batches and of chunks go through.
import type { Tensors } from '@isonet/core';

/** The inputs that carry a batch, and along which axis. */
export type Axes = Readonly<Record<string, number>>;

/** Each input of floats or labels along each of its axes, and all those along axis 0 whose sizes agree with the first's. */
export function carriersOf(feeds: Tensors): readonly Axes[] {
  const able = Object.entries(feeds).filter(([, { dtype }]) => dtype === 'float32' || dtype === 'int32');
  const single = able.flatMap(([name, { shape }]) =>
    shape.flatMap((dim, axis) => (dim > 1 ? [{ [name]: axis }] : [])),
  );
  const together = able.filter(([, { shape }]) => shape.length > 0 && shape[0] === able[0]?.[1].shape[0]);
  return together.length > 1 ? [...single, Object.fromEntries(together.map(([name]) => [name, 0]))] : single;
}
