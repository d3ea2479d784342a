// The coupling of a batch's images in a value, and how the ops' batch rules are written.

/**
 * How the images of a batch of N are coupled in a value.
 * - `none`: no image has an influence on its numbers. Its shape may follow the batch all the same (zeros for each image).
 * - `{ axis }`: the axis has N blocks of equal size, and the numbers of block i depend on image i alone.
 *   `[N, C, H, W]` along axis 0 has blocks of size 1, `[N * C, H * W]` along axis 0 blocks of size C.
 * - `summed`: images are mixed (sums over the batch, batch statistics), or nothing better is known.
 */
export type Coupling = 'none' | 'summed' | { readonly axis: number };

/** The batch goes from its axis to another; where `to` gives undefined, images are mixed. */
export function moved(x: Coupling, to: (axis: number) => number | undefined): Coupling {
  if (x === 'none' || x === 'summed') return x;
  const axis = to(x.axis);
  return axis === undefined ? 'summed' : { axis };
}

/** The batch stays on its axis; where `apart` is false for that axis, images are mixed. */
export function kept(x: Coupling, apart: (axis: number) => boolean): Coupling {
  return moved(x, (axis) => (apart(axis) ? axis : undefined));
}

/** Of operands that meet number by number: those with a batch must have it along one axis. */
export function joined(operands: readonly Coupling[]): Coupling {
  return operands.reduce((a, b) => {
    if (a === 'none') return b;
    return b === 'none' ? a : kept(a, (axis) => b !== 'summed' && b.axis === axis);
  });
}

/** Whether the batch lies along this axis. */
export function liesAlong(x: Coupling, axis: number): boolean {
  return typeof x === 'object' && x.axis === axis;
}
