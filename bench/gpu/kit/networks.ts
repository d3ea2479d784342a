// The networks that are timed, here and in torchBaseline.py, with their inputs and weights.
import type { Batch, Model, Shape, Tensor, TensorOf, Tensors } from '@isonet/core';
import {
  defined,
  float32,
  he,
  initialize,
  int32,
  sizeOf,
  stateOf,
  streamKey,
  uniformBlock,
} from '@isonet/core';
import { googlenet, nin } from '@isonet/models';

export interface Network {
  /** Its key in the JSON of every part: `nin-32`. */
  readonly name: string;
  readonly model: Model;
  readonly images: number;
}

/** Lists the networks. @param small whether to return only one tiny batch, for a rehearsal */
export function networks(small: boolean): readonly Network[] {
  if (small) return [{ name: 'nin-2', model: nin(), images: 2 }];
  return [
    { name: 'nin-32', model: nin(), images: 32 },
    { name: 'nin-256', model: nin(), images: 256 },
    { name: 'googlenet96-32', model: googlenet(), images: 32 },
    { name: 'googlenet28-bn-256', model: googlenet({ size: 28, batchNorm: true }), images: 256 },
  ];
}

/** Returns values uniform in [0, 1): zeros would hide mistakes, and may be faster. */
export function uniform(shape: Shape, stream: string): TensorOf<'float32'> {
  return float32(shape, uniformBlock(1, streamKey(stream), 0, 0, sizeOf(shape)));
}

export function batchOf({ model, images }: Network): Batch {
  const classes = defined(model.output.shape[0], `the classes of ${model.name}`);
  return {
    inputs: uniform([images, ...model.input.shape], 'images'),
    labels: int32(
      [images],
      Array.from({ length: images }, (_, i) => i % classes),
    ),
  };
}

/** Returns random weights, and buffers with their initial values. */
export function weightsOf(model: Model): Tensors {
  const { parameters, buffers } = stateOf(model);
  const start: Record<string, Tensor> = { ...initialize(parameters, he, 0) };
  for (const { name, shape, initial } of buffers) {
    start[name] = float32(shape, new Float32Array(sizeOf(shape)).fill(initial));
  }
  return start;
}
