// The sum over `axes`, which stay with size 1. `x: [N, C, H, W], axes [2, 3] -> [N, C, 1, 1]`
import type { NodeOf } from '@isonet/core';
import type { Tensor } from '@tensorflow/tfjs';
import type { Context } from '../context.ts';
import { reduction } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function reduceSum({ attrs: { axes } }: NodeOf<'reduceSum'>, context: Context): DeviceTensor {
  return reduction(context, axes, (x, places) => sum(context, x, places));
}

/** @param places axes of x, ascending */
function sum({ tf }: Context, x: Tensor, places: number[]): Tensor {
  const leading = places.length < x.rank && places.every((place, i) => place === i);
  if (!leading) return tf.sum(x, places, true);
  // A bias's gradient. tf.sum would move four axes about to sum along the last ones; wasm moves three much faster.
  const kept = x.shape.slice(places.length);
  const folded = x.reshape([x.shape[0] ?? 1, -1, kept.reduce((product, dim) => product * dim, 1)]);
  return tf.sum(folded.transpose([2, 0, 1]), [1, 2]).reshape([...places.map(() => 1), ...kept]);
}
