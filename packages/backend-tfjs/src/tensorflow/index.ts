// Convolution and pooling for the TensorFlow library, by its own kernels.
import type { ImageKernels } from '../context.ts';
import type { Tf } from '../tf.ts';
import { conv2d } from './conv2d.ts';
import { conv2dGradFilter } from './conv2dGradFilter.ts';
import { conv2dGradInput } from './conv2dGradInput.ts';
import { maxPool2d } from './maxPool2d.ts';
import { maxPool2dGrad } from './maxPool2dGrad.ts';

export function tensorflow(tf: Tf): ImageKernels {
  return {
    conv2d: (x, w, attrs) => conv2d(tf, x, w, attrs),
    conv2dGradFilter: (x, dy, kernel, attrs) => conv2dGradFilter(tf, x, dy, kernel, attrs),
    conv2dGradInput: (dy, w, size, attrs) => conv2dGradInput(tf, dy, w, size, attrs),
    maxPool2d: (x, attrs) => maxPool2d(tf, x, attrs),
    maxPool2dGrad: (x, y, dy, attrs) => maxPool2dGrad(tf, x, y, dy, attrs),
  };
}
