// Batch normalization with batch statistics -> in pixels, a depthwise 1x1 Conv, which scales, shifts and fuses a Relu
// in one pass. The variance is the mean square of centered values, never a difference of two large numbers.
// `x: [N, C, ...], scale, bias: [C] -> y: [N, C, ...], mean, variance: [C]`
import type { ValueId } from '@isonet/core';
import { scalar } from '@isonet/core';
import type { OnnxKernel, Writer } from '../writer/writer.ts';
import { inPixels, pixelsOf, setPixels, viewed } from './form.ts';

export const batchNorm: OnnxKernel<'batchNorm'> = (node, { inputs, outputs }, writer) => {
  const [x, scale, bias] = inputs;
  const [y, mean, variance] = outputs;
  const channels = channelsOf(x, writer);
  const { form, axes, isPixels } = channels;
  const means = writer.emit('ReduceMean', [form(x)], { axes, keepdims: 1 });
  writer.set(mean, viewed(means, [channels.count], writer));
  const centered = centeredBy(mean, channels, x, () => means, writer);
  const squares = writer.emit('Mul', [centered, centered]);
  const variances = writer.emit('ReduceMean', [squares], { axes, keepdims: 0 });
  writer.set(variance, variances);
  const factor = writer.emit('Div', [writer.full(scale), deviation(variances, node.attrs.epsilon, writer)]);
  if (isPixels) setPixels(y, affine(centered, factor, writer.full(bias), channels.count, writer), writer);
  else {
    const scaled = writer.emit('Mul', [centered, channels.column(factor)]);
    writer.set(y, writer.emit('Add', [scaled, channels.column(writer.full(bias))]));
  }
};

/** Access to the channels of a value in its current form. */
export interface Channels {
  /** The number of channels, and the number of elements in each. */
  readonly count: number;
  readonly size: number;
  readonly isPixels: boolean;
  /** All axes except the channel axis. */
  readonly axes: readonly number[];
  /** Returns the name of a value of the same shape in the same form. */
  readonly form: (value: ValueId) => string;
  /** Reshapes a vector `[C]` to broadcast along the channels. */
  readonly column: (vector: string) => string;
}

/** @param others values of the same shape: if one is in pixels, all are read in pixels */
export function channelsOf(x: ValueId, writer: Writer, others: readonly ValueId[] = []): Channels {
  const shape = writer.shape(x);
  const [n = 1, count = 1, ...field] = shape;
  const isPixels = [x, ...others].some((value) => inPixels(value, writer));
  return {
    count,
    size: field.reduce((product, dim) => product * dim, n),
    isPixels,
    // In pixels there is a single image, so its axis is reduced along with the others.
    axes: isPixels ? [0, 2, 3] : shape.map((_, axis) => axis).filter((axis) => axis !== 1),
    form: (value) => (isPixels ? pixelsOf(value, writer) : writer.full(value)),
    column: (vector) =>
      viewed(
        vector,
        shape.map((_, axis) => (axis === 1 ? -1 : 1)),
        writer,
      ),
  };
}

/** x - mean, written once for the normalization and its gradient. */
export function centeredBy(
  mean: ValueId,
  { form, isPixels }: Channels,
  x: ValueId,
  column: () => string,
  writer: Writer,
): string {
  return writer.onceHere(x, `centered by ${mean}, ${isPixels ? 'in pixels' : 'plain'}`, () =>
    writer.emit('Sub', [form(x), column()]),
  );
}

/** sqrt(variance + epsilon): `[C] -> [C]` */
export function deviation(variance: string, epsilon: number, writer: Writer): string {
  return writer.emit('Sqrt', [writer.emit('Add', [variance, writer.constant(scalar(epsilon))])]);
}

/** x * factor + shift, per channel, in pixels. */
export function affine(x: string, factor: string, shift: string, channels: number, writer: Writer): string {
  const filter = viewed(factor, [channels, 1, 1, 1], writer);
  return writer.emit('Conv', [x, filter, shift], { kernel_shape: [1, 1], group: channels });
}
