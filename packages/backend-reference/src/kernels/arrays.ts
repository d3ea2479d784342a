// Ops that move elements without computing anything, for every dtype.
import { dimOf } from '@isonet/core';
import { positionsOf, broadcastPositions, positionOf, rowMajorStrides } from '../geometry.ts';
import type { Kernel } from '../kernel.ts';
import { zerosOf, floatZeros, gather, scatter } from '../kernel.ts';

/** `[d0 | 1, ...] -> [d0, ...]` */
export const broadcast: Kernel<'broadcast'> = (_, { inputs: [x], outputs: [y] }) =>
  gather(zerosOf(y), x.data, broadcastPositions(x.shape, y.shape));

/** `xs: [..., Di, ...] -> [..., sum of Di, ...]` */
export const concat: Kernel<'concat'> = ({ attrs: { axis } }, { inputs, outputs: [y] }) => {
  const data = zerosOf(y);
  const strides = rowMajorStrides(y.shape);
  let start = 0;
  for (const x of inputs) {
    scatter(data, x.data, positionsOf(x.shape, strides, start));
    start += dimOf(x.shape, axis) * dimOf(strides, axis);
  }
  return data;
};

/** `labels: [N] -> [N, depth]`, with a row of zeros for a label out of range. */
export const oneHot: Kernel<'oneHot'> = ({ attrs: { depth } }, { inputs: [labels], outputs: [y] }) => {
  const data = floatZeros(y);
  labels.data.forEach((label, row) => {
    if (label >= 0 && label < depth) data[row * depth + label] = 1;
  });
  return data;
};

/** `[d0, ...] -> [before[0] + d0 + after[0], ...]`; the padding value is rounded to float32, as constants are. */
export const pad: Kernel<'pad'> = ({ attrs: { before, value } }, { inputs: [x], outputs: [y] }) =>
  scatter(
    floatZeros(y).fill(Math.fround(value)),
    x.data,
    positionsOf(x.shape, rowMajorStrides(y.shape), positionOf(before, y.shape)),
  );

export const reshape: Kernel<'reshape'> = (_, { inputs: [x] }) => x.data;

/** Returns the block of shape `sizes` that starts at `starts`. */
export const slice: Kernel<'slice'> = ({ attrs: { starts } }, { inputs: [x], outputs: [y] }) =>
  gather(zerosOf(y), x.data, positionsOf(y.shape, rowMajorStrides(x.shape), positionOf(starts, x.shape)));

/** Permutes the axes: axis i of the result is axis permutation[i] of x. */
export const transpose: Kernel<'transpose'> = ({ attrs: { permutation } }, { inputs: [x], outputs: [y] }) => {
  const strides = rowMajorStrides(x.shape);
  const permuted = permutation.map((axis) => dimOf(strides, axis));
  return gather(zerosOf(y), x.data, positionsOf(y.shape, permuted));
};
