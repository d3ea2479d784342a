// The coupling of a batch's images within a value, and the building blocks of the ops' batch rules.

/**
 * The coupling of a batch's N images within a value.
 * - `none`: no image influences its elements, although its shape may depend on the batch (zeros for each image).
 * - `{ axis }`: the axis has N blocks of equal size, and the elements of block i depend only on image i. `[N, C, H, W]` along
 *   axis 0 has blocks of size 1, `[N * C, H * W]` along axis 0 blocks of size C.
 * - `summed`: images are mixed (sums over the batch, batch statistics), or the coupling is unknown.
 */
export type Coupling = 'none' | 'summed' | { readonly axis: number };

/** Moves the batch to another axis; if `to` returns undefined, images are mixed. */
export function moved(x: Coupling, to: (axis: number) => number | undefined): Coupling {
  if (x === 'none' || x === 'summed') return x;
  const axis = to(x.axis);
  return axis === undefined ? 'summed' : { axis };
}

/** Keeps the batch on its axis; if `apart` is false for that axis, images are mixed. */
export function kept(x: Coupling, apart: (axis: number) => boolean): Coupling {
  return moved(x, (axis) => (apart(axis) ? axis : undefined));
}

/** Returns the coupling of an elementwise combination: operands with a batch must have it along the same axis. */
export function joined(operands: readonly Coupling[]): Coupling {
  return operands.reduce((a, b) => {
    if (a === 'none') return b;
    return b === 'none' ? a : kept(a, (axis) => b !== 'summed' && b.axis === axis);
  });
}

/** Returns true if the batch is along this axis. */
export function liesAlong(x: Coupling, axis: number): boolean {
  return typeof x === 'object' && x.axis === axis;
}
