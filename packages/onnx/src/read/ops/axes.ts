// Normalizes axes, which ONNX counts from the end if they are negative.
import type { NodeReader } from '../node.ts';

/** Returns the axis counted from 0. @throws NodeError if a tensor of that rank has no such axis */
export function axisOf(node: NodeReader, axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(counted) && counted >= 0 && counted < rank) return counted;
  throw node.fail(`expected an axis for a tensor of rank ${rank}, got ${axis}`);
}

/** Like `axisOf`, for a list of distinct axes, whose order is kept. */
export function listedAxes(node: NodeReader, axes: readonly number[], rank: number): readonly number[] {
  const counted = axes.map((axis) => axisOf(node, axis, rank));
  if (new Set(counted).size === counted.length) return counted;
  throw node.fail(`expected distinct axes, got ${axes.join(', ')}`);
}

/** Like `listedAxes`, in ascending order. */
export function axesOf(node: NodeReader, axes: readonly number[], rank: number): readonly number[] {
  return listedAxes(node, axes, rank).toSorted((a, b) => a - b);
}
