// What a kernel is handed and gives back.
import type { AttrsOf, AvgPool2dAttrs, Conv2dAttrs, MaxPool2dAttrs, Pair, TensorType } from '@isonet/core';
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { DeviceTensor, Layout } from './deviceTensor.ts';
import type { Tf } from './tf.ts';

/** How one group is convolved. */
export type Conv2dGeometry = Omit<Conv2dAttrs, 'groups'>;

/**
 * Convolution, pooling and matrix products, which TensorFlow.js has in different states on its providers. Images are
 * `[N, H, W, C]`, filters `[KH, KW, C, K]`, of one group.
 */
export interface ImageKernels {
  /** @param size [OH, OW] of the result */
  avgPool2d(x: Tensor4D, size: Pair, attrs: AvgPool2dAttrs): Tensor4D;
  /** @param size [H, W] of the input */
  avgPool2dGrad(dy: Tensor4D, size: Pair, attrs: AvgPool2dAttrs): Tensor4D;
  batchMatMul(x: Tensor3D, y: Tensor3D, attrs: AttrsOf<'batchMatMul'>): Tensor3D;
  conv2d(x: Tensor4D, w: Tensor4D, attrs: Conv2dGeometry): Tensor4D;
  /** @param kernel [KH, KW] of the filter */
  conv2dGradFilter(x: Tensor4D, dy: Tensor4D, kernel: Pair, attrs: Conv2dGeometry): Tensor4D;
  /** @param size [H, W] of the input */
  conv2dGradInput(dy: Tensor4D, w: Tensor4D, size: Pair, attrs: Conv2dGeometry): Tensor4D;
  matMul(x: Tensor2D, y: Tensor2D, attrs: AttrsOf<'matMul'>): Tensor2D;
  maxPool2d(x: Tensor4D, attrs: MaxPool2dAttrs): Tensor4D;
  maxPool2dGather(x: Tensor4D, y: Tensor4D, g: Tensor4D, attrs: MaxPool2dAttrs): Tensor4D;
  maxPool2dGrad(x: Tensor4D, y: Tensor4D, dy: Tensor4D, attrs: MaxPool2dAttrs): Tensor4D;
}

export interface Context {
  readonly tf: Tf;
  readonly images: ImageKernels;
}

/** A tensor of the library, which may repeat as in {@link DeviceTensor}, and its layout. */
export interface Placed {
  readonly tensor: Tensor;
  readonly layout: Layout;
}

export interface TfjsKernelTypes {
  readonly input: DeviceTensor;
  readonly output: TensorType;
  readonly context: Context;
  /** The op's only result. */
  readonly result: Placed;
}
