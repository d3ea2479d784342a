// Reductions, in the layout of their input. The reduced axes keep size 1.
import type { Kernels } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Placed, TfjsKernelTypes } from '../context.ts';
import { axesIn } from '../deviceTensor.ts';
import type { DeviceTensor } from '../deviceTensor.ts';
import type { Tf } from '../tf.ts';

export const reductions: Pick<Kernels<TfjsKernelTypes>, 'argMax' | 'reduceMax' | 'reduceSum'> = {
  argMax: ({ attrs: { axis } }, { inputs: [x] }, { tf }) => {
    const [tensor, layout] = [x.full(x.layout), x.layout];
    const position = axesIn(layout, x.shape.length).indexOf(axis);
    const [outer, inner] = [tensor.shape.slice(0, position), tensor.shape.slice(position + 1)];
    // Folded to three axes, which wasm transposes much faster than more.
    const folded = tf.reshape(tensor, [sizeOf(outer), dimOf(tensor.shape, position), sizeOf(inner)]);
    return { tensor: tf.reshape(tf.argMax(folded, 1), [...outer, 1, ...inner]), layout };
  },
  reduceMax: ({ attrs: { axes } }, { inputs: [x] }, { tf }) =>
    reduced(x, axes, (values, positions) => tf.max(values, positions, true)),
  reduceSum: ({ attrs: { axes } }, { inputs: [x] }, { tf }) =>
    reduced(x, axes, (values, positions) => sum(tf, values, positions)),
};

/** @param f reduces the full tensor along axes of its layout, which are in ascending order */
function reduced(
  x: DeviceTensor,
  axes: readonly number[],
  f: (values: Tensor, positions: number[]) => Tensor,
): Placed {
  const order = axesIn(x.layout, x.shape.length);
  const positions = axes.map((axis) => order.indexOf(axis)).toSorted((a, b) => a - b);
  const values = x.full(x.layout);
  return { tensor: positions.length > 0 ? f(values, positions) : values.clone(), layout: x.layout };
}

function sum(tf: Tf, x: Tensor, positions: number[]): Tensor {
  const leading = positions.length < x.rank && positions.every((position, i) => position === i);
  if (!leading) return tf.sum(x, positions, true);
  // The gradient of a bias takes this path. tf.sum would transpose four axes to sum along the last ones; wasm
  // transposes three axes much faster.
  const kept = x.shape.slice(positions.length);
  const folded = tf.reshape(x, [dimOf(x.shape, 0), -1, sizeOf(kept)]);
  const sums = tf.sum(tf.transpose(folded, [2, 0, 1]), [1, 2]);
  return tf.reshape(sums, [...positions.map(() => 1), ...kept]);
}
