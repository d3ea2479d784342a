// Axes as ONNX counts them: negative ones from the end.
import type { NodeReader } from '../node.ts';

/** The axis counted from 0. @throws NodeError where a tensor of that rank has no such axis */
export function axisOf(node: NodeReader, axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(counted) && counted >= 0 && counted < rank) return counted;
  throw node.fail(`expected an axis of a tensor of rank ${rank}, got ${axis}`);
}

/** As `axisOf`, each axis once, in the order of the list. */
export function listedAxes(node: NodeReader, axes: readonly number[], rank: number): readonly number[] {
  const counted = axes.map((axis) => axisOf(node, axis, rank));
  if (new Set(counted).size === counted.length) return counted;
  throw node.fail(`expected each axis once, got ${axes.join(', ')}`);
}

/** As `listedAxes`, in ascending order. */
export function axesOf(node: NodeReader, axes: readonly number[], rank: number): readonly number[] {
  return listedAxes(node, axes, rank).toSorted((a, b) => a - b);
}
