// Ops that move values and compute none, of any dtype.
import { dimOf } from '@isonet/core';
import { places, repeated, startOf, steps } from '../geometry.ts';
import type { Kernel } from '../kernel.ts';
import { empty, floatZeros, gather, scatter } from '../kernel.ts';

/** `[d0 | 1, ...] -> [d0, ...]` */
export const broadcast: Kernel<'broadcast'> = (_, { inputs: [x], outputs: [y] }) =>
  gather(empty(y), x.data, repeated(x.shape, y.shape));

/** `xs: [..., Di, ...] -> [..., sum of Di, ...]` */
export const concat: Kernel<'concat'> = ({ attrs: { axis } }, { inputs, outputs: [y] }) => {
  const data = empty(y);
  const along = steps(y.shape);
  let start = 0;
  for (const x of inputs) {
    scatter(data, x.data, places(x.shape, along, start));
    start += dimOf(x.shape, axis) * dimOf(along, axis);
  }
  return data;
};

/** `labels: [N] -> [N, depth]`, a row of zeros for a label that is out of range. */
export const oneHot: Kernel<'oneHot'> = ({ attrs: { depth } }, { inputs: [labels], outputs: [y] }) => {
  const data = floatZeros(y);
  labels.data.forEach((label, row) => {
    if (label >= 0 && label < depth) data[row * depth + label] = 1;
  });
  return data;
};

/** `[d0, ...] -> [before[0] + d0 + after[0], ...]`; the padding is a float32, as constants are. */
export const pad: Kernel<'pad'> = ({ attrs: { before, value } }, { inputs: [x], outputs: [y] }) =>
  scatter(
    floatZeros(y).fill(Math.fround(value)),
    x.data,
    places(x.shape, steps(y.shape), startOf(before, y.shape)),
  );

export const reshape: Kernel<'reshape'> = (_, { inputs: [x] }) => x.data;

/** A block of `sizes` that begins at `starts`. */
export const slice: Kernel<'slice'> = ({ attrs: { starts } }, { inputs: [x], outputs: [y] }) =>
  gather(empty(y), x.data, places(y.shape, steps(x.shape), startOf(starts, x.shape)));

/** Axis i of the result is axis permutation[i] of x. */
export const transpose: Kernel<'transpose'> = ({ attrs: { permutation } }, { inputs: [x], outputs: [y] }) => {
  const along = steps(x.shape);
  const moved = permutation.map((axis) => dimOf(along, axis));
  return gather(empty(y), x.data, places(y.shape, moved));
};
