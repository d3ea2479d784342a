// The network behind fixtures/0.1.0, with many kinds of layers, and its inputs and weights. Do not change them.
import type { ImageClassifier, Shape } from '@isonet/core';
import {
  avgPool2d,
  conv2d,
  dense,
  dropout,
  flatten,
  float32,
  globalAvgPool2d,
  leakyRelu,
  localResponseNorm,
  maxPool2d,
  parallel,
  prelu,
  sequential,
  sgd,
  sizeOf,
  stateOf,
  streamKey,
  uniformBlock,
} from '@isonet/core';
import type { Optimizer, TensorOf, Tensors } from '@isonet/core';

/** 1,025 parameters. `images: float32 [N, 2, 9, 9] -> logits: [N, 3]` */
export const small: ImageClassifier = {
  name: 'small',
  input: { name: 'images', shape: [2, 9, 9] },
  output: { name: 'logits', shape: [3] },
  layer: sequential({
    c1: conv2d(6, { kernel: 3, padding: 1, groups: 2, batchNorm: true, activation: 'relu' }),
    pool: maxPool2d({ kernel: 3, stride: 2, padding: 1 }),
    lrn: localResponseNorm(),
    branches: parallel({
      narrow: conv2d(4, { kernel: 1, activation: 'tanh' }),
      wide: sequential({ conv: conv2d(4, { kernel: 3, padding: 2, dilation: 2 }), prelu: prelu() }),
      mean: avgPool2d({ kernel: 3, stride: 1, padding: 1 }),
    }),
    dropout: dropout(0.25),
    c2: conv2d(8, { kernel: [2, 3], stride: 2, padding: [1, 0, 0, 1] }),
    leaky: leakyRelu(),
    gap: globalAvgPool2d(),
    flatten: flatten(),
    dense: dense(3),
  }),
};

export const classNames: readonly string[] = ['coat', 'bag', 'boot'];
export const optimizer: Optimizer = sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 });

/** Draws parameters, their velocities and running means in -0.5..0.5, and all other values in 0..1. */
export function numbers(name: string, shape: Shape): TensorOf<'float32'> {
  const drawn = uniformBlock(0, streamKey(name), 0, 0, sizeOf(shape));
  return float32(shape, /\.(?:w|b|scale|mean)$/.test(name) ? drawn.map((u) => u - 0.5) : drawn);
}

/** Returns parameters and running statistics. */
export function weights(): Tensors {
  const { parameters, buffers } = stateOf(small);
  return Object.fromEntries(
    [...parameters, ...buffers].map(({ name, shape }) => [name, numbers(name, shape)]),
  );
}
