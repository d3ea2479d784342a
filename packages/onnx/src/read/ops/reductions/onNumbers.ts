// Reductions of tensors that are known while the network is built.
import { sizeOf } from '@isonet/core';
import type { HostTensor } from '../../hostTensor.ts';

/** One number for all that fall together along the axes, in the order of what is left. Integers stay whole, as in ONNX. */
export function reducedOnNumbers(
  { kind, shape, data }: HostTensor,
  axes: readonly number[],
  number: (values: readonly number[]) => number,
): readonly number[] {
  const rest = shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const groups = Array.from({ length: sizeOf(rest) }, (): number[] => []);
  data.forEach((value, i) => groups[offsetIn(rest, shape, i)]!.push(value));
  return groups.map((values) => (kind === 'float' ? number(values) : Math.trunc(number(values))));
}

/** Where value `index` of a tensor falls in one whose reduced axes have size 1. */
function offsetIn(rest: readonly number[], shape: readonly number[], index: number): number {
  let [left, offset, step] = [index, 0, 1];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const [size, kept] = [shape[axis]!, rest[axis]!];
    if (kept !== 1) offset += (left % size) * step;
    step *= kept;
    left = Math.floor(left / size);
  }
  return offset;
}
