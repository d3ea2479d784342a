// Reductions, in the layout that their input is in. The axes that are reduced stay, with size 1.
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
    const place = axesIn(layout, x.shape.length).indexOf(axis);
    const [outer, inner] = [tensor.shape.slice(0, place), tensor.shape.slice(place + 1)];
    // Three axes, which wasm transposes much faster than more of them.
    const folded = tf.reshape(tensor, [sizeOf(outer), dimOf(tensor.shape, place), sizeOf(inner)]);
    return { tensor: tf.reshape(tf.argMax(folded, 1), [...outer, 1, ...inner]), layout };
  },
  reduceMax: ({ attrs: { axes } }, { inputs: [x] }, { tf }) =>
    reduced(x, axes, (values, places) => tf.max(values, places, true)),
  reduceSum: ({ attrs: { axes } }, { inputs: [x] }, { tf }) =>
    reduced(x, axes, (values, places) => sum(tf, values, places)),
};

/** @param f of all values, and of the axes to reduce as the layout numbers them, ascending */
function reduced(
  x: DeviceTensor,
  axes: readonly number[],
  f: (values: Tensor, places: number[]) => Tensor,
): Placed {
  const order = axesIn(x.layout, x.shape.length);
  const places = axes.map((axis) => order.indexOf(axis)).toSorted((a, b) => a - b);
  const values = x.full(x.layout);
  return { tensor: places.length > 0 ? f(values, places) : values.clone(), layout: x.layout };
}

function sum(tf: Tf, x: Tensor, places: number[]): Tensor {
  const leading = places.length < x.rank && places.every((place, i) => place === i);
  if (!leading) return tf.sum(x, places, true);
  // A bias's gradient. tf.sum would move four axes about to sum along the last ones; wasm moves three much faster.
  const kept = x.shape.slice(places.length);
  const folded = tf.reshape(x, [dimOf(x.shape, 0), -1, sizeOf(kept)]);
  const sums = tf.sum(tf.transpose(folded, [2, 0, 1]), [1, 2]);
  return tf.reshape(sums, [...places.map(() => 1), ...kept]);
}
