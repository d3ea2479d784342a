// Reduces tensors that are known while the network is built.
import { sizeOf } from '@isonet/core';
import { spend } from '../../host/budget.ts';
import { eachPosition, stridesOf } from '../../host/numbers.ts';
import type { HostTensor } from '../../hostTensor.ts';
import type { NodeReader } from '../../node.ts';

/** Reduces the values along the axes to one number each, in row-major order of the other axes. Integers are truncated, as in ONNX. */
export function reducedOnNumbers(
  node: NodeReader,
  { kind, shape, data }: HostTensor,
  axes: readonly number[],
  number: (values: Float64Array) => number,
): Float64Array {
  const strides = stridesOf(shape);
  const offsetsAlong = (along: readonly number[]): Int32Array => {
    const dims = along.map((axis) => shape[axis]!);
    const offsets = new Int32Array(sizeOf(dims));
    let i = 0;
    eachPosition(dims, [along.map((axis) => strides[axis]!)], ([offset]) => (offsets[i++] = offset!));
    return offsets;
  };
  const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
  spend(
    node,
    kept.map((axis) => shape[axis]!),
  );
  const starts = offsetsAlong(kept);
  const within = offsetsAlong(axes);
  const values = new Float64Array(within.length);
  return Float64Array.from(starts, (start) => {
    for (let i = 0; i < values.length; i++) values[i] = data[start + within[i]!]!;
    const result = number(values);
    return kind === 'float' ? result : Math.trunc(result);
  });
}
