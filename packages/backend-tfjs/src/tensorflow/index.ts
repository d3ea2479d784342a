// Convolution, pooling and matrix products with the TensorFlow library's own kernels.
import type { ImageKernels } from '../context.ts';
import type { Tf } from '../tf.ts';
import { avgPool2d, avgPool2dGrad } from './avgPool2d.ts';
import { conv2d, conv2dGradFilter, conv2dGradInput } from './conv2d.ts';
import { maxPool2d, maxPool2dGather, maxPool2dGrad } from './maxPool2d.ts';

export function tensorflow(tf: Tf): ImageKernels {
  return {
    avgPool2d: (x, _, attrs) => avgPool2d(tf, x, attrs),
    avgPool2dGrad: (dy, size, attrs) => avgPool2dGrad(tf, dy, size, attrs),
    batchMatMul: (x, y, { transposeA, transposeB }) => tf.matMul(x, y, transposeA, transposeB),
    conv2d: (x, w, attrs) => conv2d(tf, x, w, attrs),
    conv2dGradFilter: (x, dy, kernel, attrs) => conv2dGradFilter(tf, x, dy, kernel, attrs),
    conv2dGradInput: (dy, w, size, attrs) => conv2dGradInput(tf, dy, w, size, attrs),
    matMul: (x, y, { transposeA, transposeB }) => tf.matMul(x, y, transposeA, transposeB),
    maxPool2d: (x, attrs) => maxPool2d(tf, x, attrs),
    maxPool2dGather: (x, y, g, attrs) => maxPool2dGather(tf, x, y, g, attrs),
    maxPool2dGrad: (x, y, dy, attrs) => maxPool2dGrad(tf, x, y, dy, attrs),
  };
}
