// Convolution, pooling and matrix products for the providers whose gradient kernels are missing or wrong (wasm, cpu): in
// terms of TensorFlow.js's forward kernels, which are right on both and fast on wasm, or loops over host memory.
import type { ImageKernels } from '../context.ts';
import type { Tf } from '../tf.ts';
import { avgPool2d } from './avgPool2d.ts';
import { avgPool2dGrad } from './avgPool2dGrad.ts';
import { conv2d } from './conv2d.ts';
import { conv2dGradFilter } from './conv2dGradFilter.ts';
import { conv2dGradInput } from './conv2dGradInput.ts';
import { matMul } from './matMul.ts';
import { maxPool2d } from './maxPool2d.ts';
import { maxPool2dGather } from './maxPool2dGather.ts';
import { maxPool2dGrad } from './maxPool2dGrad.ts';

export function portable(tf: Tf): ImageKernels {
  return {
    avgPool2d: (x, size, attrs) => avgPool2d(tf, x, [x.shape[0], ...size, x.shape[3]], attrs),
    avgPool2dGrad: (dy, size, attrs) => avgPool2dGrad(tf, dy, size, attrs),
    conv2d: (x, w, attrs) => conv2d(tf, x, w, attrs),
    conv2dGradFilter: (x, dy, kernel, attrs) => conv2dGradFilter(tf, x, dy, kernel, attrs),
    conv2dGradInput: (dy, w, size, attrs) => conv2dGradInput(tf, dy, w, size, attrs),
    matMul: (x, y, attrs) => matMul(tf, x, y, attrs),
    maxPool2d: (x, attrs) => maxPool2d(tf, x, attrs),
    maxPool2dGather: (x, y, g, attrs) => maxPool2dGather(tf, x, g, y.shape, attrs),
    maxPool2dGrad: (x, _, dy, attrs) => maxPool2dGrad(tf, x, dy, attrs),
  };
}
