// The index of the first maximum along an axis, without ArgMax. `x: [..., K, ...] -> int32 [..., 1, ...]`
import { dimOf, float32, scalar } from '@isonet/core';
import type { OnnxKernel } from '@isonet/onnx/write';
import { elementTypes } from '@isonet/onnx/write';

export const argMax: OnnxKernel<'argMax'> = (
  { attrs: { axis } },
  { inputs: [x], outputs: [place] },
  writer,
) => {
  const shape = writer.shape(x);
  const size = dimOf(shape, axis);
  const name = writer.full(x);
  const largest = writer.emit('ReduceMax', [name], { axes: [axis], keepdims: 1 });
  const isMaximum = writer.emit('Equal', [name, largest]);
  // Ranks descend from the size of the axis (first element) to 1 (last element), so that the first of several maxima
  // has the largest rank.
  const along = shape.map((_, i) => (i === axis ? size : 1));
  const ranks = float32(
    along,
    Array.from({ length: size }, (_, i) => size - i),
  );
  const ranked = writer.emit('Where', [isMaximum, writer.constant(ranks), writer.constant(scalar(0))]);
  const first = writer.emit('ReduceMax', [ranked], { axes: [axis], keepdims: 1 });
  const counted = writer.emit('Sub', [writer.constant(scalar(size)), first]);
  writer.set(place, writer.emit('Cast', [counted], { to: elementTypes.int32 }));
};
