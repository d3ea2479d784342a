// Rearranges known tensors: transposes, slices, repeats, picks and joins their values.
import type { Shape } from '@isonet/core';
import type { HostTensor } from '../hostTensor.ts';
import { hostTensor } from '../hostTensor.ts';
import type { NodeReader } from '../node.ts';
import { spend } from './budget.ts';
import { eachPosition, stepsIn, stridesOf } from './numbers.ts';

/** Reads a tensor of `shape` from `data`, starting at `offset`, with `steps` as strides. */
function taken(
  node: NodeReader,
  { kind, data }: HostTensor,
  shape: Shape,
  steps: readonly number[],
  offset = 0,
): HostTensor {
  const size = spend(node, shape);
  const result = kind === 'float' ? new Float32Array(size) : new Float64Array(size);
  const [rows, row, step] = [shape.slice(0, -1), shape.at(-1) ?? 1, steps.at(-1) ?? 0];
  let i = 0;
  eachPosition(rows, [steps.slice(0, -1)], (at) => {
    for (let k = 0; k < row; k++) result[i++] = data[offset + at[0]! + k * step]!;
  });
  return hostTensor(kind, shape, result);
}

/** Transposes: axis i of the result is axis `permutation[i]` of x. */
export function hostTransposed(node: NodeReader, x: HostTensor, permutation: readonly number[]): HostTensor {
  const strides = stridesOf(x.shape);
  return taken(
    node,
    x,
    permutation.map((axis) => x.shape[axis]!),
    permutation.map((axis) => strides[axis]!),
  );
}

/** Returns the block of `sizes` that starts at `starts`. */
export function hostBlock(
  node: NodeReader,
  x: HostTensor,
  starts: readonly number[],
  sizes: readonly number[],
): HostTensor {
  const strides = stridesOf(x.shape);
  const offset = starts.reduce((sum, start, axis) => sum + start * strides[axis]!, 0);
  return taken(node, x, sizes, strides, offset);
}

/** Repeats x to a shape that it broadcasts to. */
export function hostRepeated(node: NodeReader, x: HostTensor, shape: Shape): HostTensor {
  return taken(node, x, shape, stepsIn(x.shape, shape));
}

/** Returns the entries at `indices` along an axis. */
export function hostPicked(
  node: NodeReader,
  x: HostTensor,
  axis: number,
  indices: readonly number[],
): HostTensor {
  const before = x.shape.slice(0, axis).reduce((product, dim) => product * dim, 1);
  const after = x.shape.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const shape = x.shape.with(axis, indices.length);
  const size = spend(node, shape);
  const result = x.kind === 'float' ? new Float32Array(size) : new Float64Array(size);
  const length = x.shape[axis]!;
  let to = 0;
  for (let row = 0; row < before; row++) {
    for (const index of indices) {
      const from = (row * length + index) * after;
      result.set(x.data.subarray(from, from + after), to);
      to += after;
    }
  }
  return hostTensor(x.kind, shape, result);
}

/** Joins tensors along an axis. They have the same kind and, except along that axis, the same shape. */
export function hostJoined(
  node: NodeReader,
  xs: readonly [HostTensor, ...(readonly HostTensor[])],
  axis: number,
): HostTensor {
  const [{ kind, shape: first }] = xs;
  const total = xs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const shape = first.with(axis, total);
  const size = spend(node, shape);
  const result = kind === 'float' ? new Float32Array(size) : new Float64Array(size);
  const before = first.slice(0, axis).reduce((product, dim) => product * dim, 1);
  let to = 0;
  for (let row = 0; row < before; row++) {
    for (const { data } of xs) {
      const run = data.length / before;
      result.set(data.subarray(row * run, (row + 1) * run), to);
      to += run;
    }
  }
  return hostTensor(kind, shape, result);
}
