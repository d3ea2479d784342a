// Convolution, pooling and matrix products for wasm and cpu, whose gradient kernels are missing or wrong. They use TensorFlow.js's
// forward kernels, which are correct on both and fast on wasm, or loops over host memory.
import type { Claims } from '@isonet/core';
import type { ImageKernels } from '../context.ts';
import type { Tf } from '../tf.ts';
import { avgPool2d, avgPool2dGrad } from './avgPool2d.ts';
import { batchMatMul } from './batchMatMul.ts';
import { conv2d } from './conv2d.ts';
import { conv2dGradFilter } from './conv2dGradFilter.ts';
import { conv2dGradInput } from './conv2dGradInput.ts';
import { maxPool2d, maxPool2dGather, maxPool2dGrad } from './maxPool2d.ts';

/**
 * The claims of wasm and cpu. wasm's convolution turns NaN into -Infinity: the result is still not finite, so a training step is
 * rejected, but it is not the correct result. Max pooling drops NaN on both, and on wasm returns -Infinity for some windows that
 * start with a NaN.
 */
export const portableClaims: Claims = {
  heldAs: 'float32',
  reproducible: true,
  subnormals: true,
  nonFinite: false,
  maxima: { max: 'all', reduceMax: 'all', maxPool2d: 'infinities' },
};

export function portable(tf: Tf): ImageKernels {
  return {
    avgPool2d: (x, size, attrs) => avgPool2d(tf, x, [x.shape[0], ...size, x.shape[3]], attrs),
    avgPool2dGrad: (dy, size, attrs) => avgPool2dGrad(tf, dy, size, attrs),
    batchMatMul: (x, y, attrs) => batchMatMul(tf, x, y, attrs),
    conv2d: (x, w, attrs) => conv2d(tf, x, w, attrs),
    conv2dGradFilter: (x, dy, kernel, attrs) => conv2dGradFilter(tf, x, dy, kernel, attrs),
    conv2dGradInput: (dy, w, size, attrs) => conv2dGradInput(tf, dy, w, size, attrs),
    // Transposed beforehand: wasm uses XNNPACK only for products without a transpose, and is slow for all others.
    matMul: (x, y, { transposeA, transposeB }) =>
      tf.matMul(transposeA ? tf.transpose(x) : x, transposeB ? tf.transpose(y) : y),
    maxPool2d: (x, attrs) => maxPool2d(tf, x, attrs),
    maxPool2dGather: (x, y, g, attrs) => maxPool2dGather(tf, x, g, y.shape, attrs),
    maxPool2dGrad: (x, _, dy, attrs) => maxPool2dGrad(tf, x, dy, attrs),
  };
}
