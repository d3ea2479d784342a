// A small network of layers that the other models lack: separable and transposed convolutions, normalization within a sample, smooth
// gates, and padding 'same' at even and odd sizes.
import type { ImageClassifier } from '@isonet/core';
import {
  avgPool2d,
  conv2d,
  convTranspose2d,
  dense,
  depthwiseConv2d,
  flatten,
  gelu,
  groupNorm,
  layerNorm,
  maxPool2d,
  parallel,
  separableConv2d,
  sequential,
  silu,
  upsample2d,
} from '@isonet/core';

/** `images: float32 [N, 3, 11, 14] -> logits: [N, 5]`; 11 x 14 becomes 6 x 7, then 3 x 4, then 6 x 8. */
export const layered: ImageClassifier = {
  name: 'layered',
  input: { name: 'images', shape: [3, 11, 14] },
  output: { name: 'logits', shape: [5] },
  layer: sequential({
    stem: conv2d(8, { kernel: 3, stride: 2, padding: 'same', activation: 'silu' }),
    separable: separableConv2d(12, {
      kernel: 3,
      padding: 'same',
      between: { batchNorm: true, activation: 'relu' },
      batchNorm: true,
      activation: 'gelu',
    }),
    groups: groupNorm(4),
    down: depthwiseConv2d({ kernel: [4, 3], stride: 2, multiplier: 2, padding: 'same' }),
    up: parallel({
      learned: convTranspose2d(6, { kernel: 3, stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
      same: convTranspose2d(4, { kernel: [5, 2], stride: 2, padding: 'same', activation: 'tanh' }),
      nearest: sequential({ gate: silu(), up: upsample2d(2) }),
    }),
    pools: parallel({
      max: maxPool2d({ kernel: 3, stride: 2, padding: 'same' }),
      mean: avgPool2d({ kernel: 3, stride: 2, padding: 'same' }),
    }),
    norm: layerNorm(),
    curve: gelu({ approximate: true }),
    flatten: flatten(),
    rows: layerNorm(),
    fc: dense(5),
  }),
};
