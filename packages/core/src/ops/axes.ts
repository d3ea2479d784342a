// Helpers that the reductions share: reduced axes are kept, with size 1.
import { shapeText } from '../tensor.ts';
import type { TensorType } from '../tensor.ts';
import type { Coupling } from './coupling.ts';
import { kept } from './coupling.ts';
import type { Fail } from './definition.ts';

/** The attributes of reductions. */
export type ReduceAttrs = {
  /** The axes to reduce, each once, counted from 0; they are kept, with size 1. */
  readonly axes: readonly number[];
};

/** Returns the type of a reduction. @throws the error of `fail` unless x is float32 and the axes are distinct axes of x */
export function reducedType(x: TensorType, axes: readonly number[], fail: Fail): TensorType {
  if (x.dtype !== 'float32') throw fail(`expected float32, got ${x.dtype}`);
  const valid = axes.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < x.shape.length);
  if (!valid || new Set(axes).size !== axes.length) {
    throw fail(`axes ${shapeText(axes)} are not distinct axes of ${shapeText(x.shape)}`);
  }
  return { dtype: x.dtype, shape: x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)) };
}

/** Returns the coupling of a reduction: images are mixed if the batch axis is reduced. */
export function reducedBatch(x: Coupling, axes: readonly number[]): Coupling {
  return kept(x, (axis) => !axes.includes(axis));
}
