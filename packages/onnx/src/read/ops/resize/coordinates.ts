// Maps the pixels of a resized axis to the original one: ONNX's coordinate_transformation_mode and nearest_mode.
import type { NodeReader } from '../../node.ts';

/** The scaling of one axis. */
export interface Scaling {
  readonly from: number;
  readonly to: number;
  /** The length of the result before rounding down: `from * scale`. */
  readonly exact: number;
}

/** Returns the position of resized pixel `i` in the original axis. */
export type Coordinate = (i: number, scaling: Scaling) => number;

const halfPixel: Coordinate = (i, { from, exact }) => ((i + 0.5) * from) / exact - 0.5;

const COORDINATES: Readonly<Record<string, Coordinate>> = {
  half_pixel: halfPixel,
  half_pixel_symmetric: (i, scaling) => {
    const { from, to, exact } = scaling;
    return (from / 2) * (1 - to / exact) + halfPixel(i, scaling);
  },
  pytorch_half_pixel: (i, scaling) => (scaling.exact > 1 ? halfPixel(i, scaling) : 0),
  align_corners: (i, { from, exact }) => (exact === 1 ? 0 : (i * (from - 1)) / (exact - 1)),
  asymmetric: (i, { from, exact }) => (i * from) / exact,
  tf_half_pixel_for_nn: (i, { from, exact }) => ((i + 0.5) * from) / exact,
};

/** Returns the index of the neighbor that a position copies. */
export type Nearest = (x: number, scaling: Scaling) => number;

const NEAREST: Readonly<Record<string, Nearest>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** The rule before operator set 11: round up if the axis shrinks, else down. */
export const oldNearest: Nearest = (x, { from, exact }) => (exact < from ? Math.ceil(x) : Math.floor(x));

export function coordinateOf(node: NodeReader, mode: string): Coordinate {
  const coordinate = Object.hasOwn(COORDINATES, mode) ? COORDINATES[mode] : undefined;
  if (coordinate) return coordinate;
  throw node.fail(`coordinate_transformation_mode ${mode} is not supported`);
}

export function nearestOf(node: NodeReader, mode: string): Nearest {
  const nearest = Object.hasOwn(NEAREST, mode) ? NEAREST[mode] : undefined;
  if (nearest) return nearest;
  throw node.fail(`unknown nearest_mode ${mode}`);
}
