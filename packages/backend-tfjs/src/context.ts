// What a kernel is handed, and the few steps that kernels of one kind share.
import type { AttrsOf, Conv2dAttrs, MaxPool2dAttrs, Pair, Shape } from '@isonet/core';
import { GraphError } from '@isonet/core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import type { Layout } from './deviceTensor.ts';
import { axesIn, DeviceTensor } from './deviceTensor.ts';
import type { Tf } from './tf.ts';

export type AvgPool2dAttrs = AttrsOf<'avgPool2d'>;

/**
 * Convolution, pooling and matrix products, which TensorFlow.js has in different states on its providers. Images are
 * `[N, H, W, C]`, filters `[KH, KW, C, K]`; `groups` is always 1 here.
 */
export interface ImageKernels {
  /** @param size [OH, OW] of the result */
  avgPool2d(x: Tensor4D, size: Pair, attrs: AvgPool2dAttrs): Tensor4D;
  /** @param size [H, W] of the input */
  avgPool2dGrad(dy: Tensor4D, size: Pair, attrs: AvgPool2dAttrs): Tensor4D;
  conv2d(x: Tensor4D, w: Tensor4D, attrs: Conv2dAttrs): Tensor4D;
  /** @param kernel [KH, KW] of the filter */
  conv2dGradFilter(x: Tensor4D, dy: Tensor4D, kernel: Pair, attrs: Conv2dAttrs): Tensor4D;
  /** @param size [H, W] of the input */
  conv2dGradInput(dy: Tensor4D, w: Tensor4D, size: Pair, attrs: Conv2dAttrs): Tensor4D;
  matMul(x: Tensor2D, y: Tensor2D, attrs: AttrsOf<'matMul'>): Tensor2D;
  maxPool2d(x: Tensor4D, attrs: MaxPool2dAttrs): Tensor4D;
  maxPool2dGather(x: Tensor4D, y: Tensor4D, g: Tensor4D, attrs: MaxPool2dAttrs): Tensor4D;
  maxPool2dGrad(x: Tensor4D, y: Tensor4D, dy: Tensor4D, attrs: MaxPool2dAttrs): Tensor4D;
}

export class Context {
  readonly tf: Tf;
  readonly images: ImageKernels;
  /** Of the result. */
  readonly shape: Shape;
  readonly inputs: readonly DeviceTensor[];

  constructor(tf: Tf, images: ImageKernels, shape: Shape, inputs: readonly DeviceTensor[]) {
    this.tf = tf;
    this.images = images;
    this.shape = shape;
    this.inputs = inputs;
  }

  input(index: number): DeviceTensor {
    const input = this.inputs[index];
    if (!input) throw new GraphError(`a kernel asked for input ${index} of ${this.inputs.length}`);
    return input;
  }

  /** The result of a kernel. */
  result(tensor: Tensor, layout: Layout = 'rowMajor'): DeviceTensor {
    return new DeviceTensor(this.tf, this.shape, tensor, layout);
  }
}

/** f of one input, element by element. */
export function unary(context: Context, f: (x: Tensor) => Tensor): DeviceTensor {
  const x = context.input(0);
  return context.result(f(x.as(x.layout)), x.layout);
}

/** f of two inputs, element by element; f repeats an operand that is smaller than the other. */
export function binary(context: Context, f: (x: Tensor, y: Tensor) => Tensor): DeviceTensor {
  const layout = sharedLayout(context.inputs);
  return context.result(f(context.input(0).as(layout), context.input(1).as(layout)), layout);
}

/** A layout for values that are computed with each other: what is not row-major stays as it is, what is small moves. */
export function sharedLayout(values: readonly DeviceTensor[]): Layout {
  const large = values.filter((value) => !value.repeats);
  const candidates = large.length > 0 ? large : values;
  return candidates.find(({ layout }) => layout !== 'rowMajor')?.layout ?? 'rowMajor';
}

/** f of all values of the input and of the axes to reduce, as the layout numbers them. */
export function reduction(
  context: Context,
  axes: readonly number[],
  f: (x: Tensor, axes: number[]) => Tensor,
): DeviceTensor {
  const x = context.input(0);
  const places = axesIn(x.layout, x.shape.length);
  const tensor = x.full(x.layout);
  const moved = axes.map((axis) => places.indexOf(axis)).toSorted((a, b) => a - b);
  return context.result(moved.length > 0 ? f(tensor, moved) : tensor.clone(), x.layout);
}

/** f group by group: the operands are cut along their last axis, and so are the results put together. */
export function perGroup(
  { tf }: Context,
  groups: number,
  a: Tensor4D,
  b: Tensor4D,
  f: (a: Tensor4D, b: Tensor4D) => Tensor4D,
): Tensor4D {
  if (groups === 1) return f(a, b);
  const [as, bs] = [tf.split<Tensor4D>(a, groups, 3), tf.split<Tensor4D>(b, groups, 3)];
  const results = as.flatMap((part, group) => {
    const other = bs[group];
    return other ? [f(part, other)] : [];
  });
  return tf.concat(results, 3);
}
