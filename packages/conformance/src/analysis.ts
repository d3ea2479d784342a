// What the analyses of rounding errors share: bounds (tolerance.ts), variances (training/) and the lengths of sums (models/).
import type { GraphBuilder, Shape, Value } from '@isonet/core';
import { sizeOf } from '@isonet/core';

/** Half a unit in the last place of 1: what one float32 operation may lose, relative to its result. */
export const U: number = 2 ** -24;

export function times(b: GraphBuilder, factor: number, value: Value): Value {
  return b.op.mul(value, b.fill(factor, value.shape));
}

/** Of those that are there; undefined where none is. */
export function sum(b: GraphBuilder, ...terms: readonly (Value | undefined)[]): Value | undefined {
  return terms.reduce((total, term) => (total && term ? b.op.add(total, term) : (total ?? term)), undefined);
}

/** At most how many windows a pixel lies in. */
export function windowsOver({
  kernel,
  strides,
}: {
  readonly kernel: Shape;
  readonly strides: Shape;
}): number {
  return sizeOf(kernel.map((size, axis) => Math.ceil(size / (strides[axis] ?? 1))));
}
