// The types of a kernel's context, operands and results.
import type { AttrsOf, AvgPool2dAttrs, Conv2dAttrs, MaxPool2dAttrs, Pair, TensorType } from '@isonet/core';
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { DeviceTensor, Layout } from './deviceTensor.ts';
import type { Tf } from './tf.ts';

/** The attributes of a convolution of one group. */
export type Conv2dGeometry = Omit<Conv2dAttrs, 'groups'>;

/**
 * Convolution, pooling and matrix products. There are two implementations, in `tensorflow/` and, for wasm and cpu, in
 * `portable/`, because TensorFlow.js's backends support these ops to different degrees. Images are `[N, H, W, C]`,
 * and filters `[KH, KW, C, K]` of one group.
 */
export interface ImageKernels {
  /** @param size the size [OH, OW] of the result */
  avgPool2d(x: Tensor4D, size: Pair, attrs: AvgPool2dAttrs): Tensor4D;
  /** @param size the size [H, W] of the input */
  avgPool2dGrad(dy: Tensor4D, size: Pair, attrs: AvgPool2dAttrs): Tensor4D;
  batchMatMul(x: Tensor3D, y: Tensor3D, attrs: AttrsOf<'batchMatMul'>): Tensor3D;
  conv2d(x: Tensor4D, w: Tensor4D, attrs: Conv2dGeometry): Tensor4D;
  /** @param kernel the size [KH, KW] of the filter */
  conv2dGradFilter(x: Tensor4D, dy: Tensor4D, kernel: Pair, attrs: Conv2dGeometry): Tensor4D;
  /** @param size the size [H, W] of the input */
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

/** A tensor of the library and its layout. The tensor may be smaller than its value, as in {@link DeviceTensor}. */
export interface Placed {
  readonly tensor: Tensor;
  readonly layout: Layout;
}

export interface TfjsKernelTypes {
  readonly input: DeviceTensor;
  readonly output: TensorType;
  readonly context: Context;
  /** The op's single result. */
  readonly result: Placed;
}
