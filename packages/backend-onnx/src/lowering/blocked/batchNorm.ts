// Batch normalization in training -> the mean by pooling, centred elements, the sum of their squares, and scaling, fused with a
// following ReLU.
// `x: [N, C, H, W], scale, bias: [C] -> y: [N, C, H, W], mean, variance: [C]`
import type { Node, NodeOf, ValueId } from '@isonet/core';
import { float32, scalar, sizeOf } from '@isonet/core';
import type { OnnxKernel, Writer } from '@isonet/onnx/write';
import { channelsOf } from './filter.ts';
import type { Layout } from './layout.ts';
import { emitBlocked, roundUp, view } from './layout.ts';
import { channelProducts, scaleChannels } from './perChannel.ts';

type BatchNorm = NodeOf<'batchNorm'>;

/** The kernel for images: `[N, C, H, W]`. */
export const batchNorm =
  (layout: Layout): OnnxKernel<'batchNorm'> =>
  (node, { outputs: [y] }, writer) => {
    writeStatistics(node, layout, writer);
    const user = writer.soleUser(y);
    const isFused = user !== undefined && normalizedAt(user, writer) === node;
    if (!isFused) writeBatchNorm(node, { y, relu: false }, layout, writer); // otherwise the ReLU's kernel writes it
  };

/** Returns the normalization to fuse with this ReLU: the producer of its input, if nothing else reads the result. */
export function normalizedAt(node: Node, writer: Writer): BatchNorm | undefined {
  if (node.op !== 'relu') return undefined;
  const [x] = node.inputs;
  const producer = writer.producer(x);
  const isAlone = producer?.op === 'batchNorm' && producer.outputs[0] === x && writer.soleUser(x) === node;
  return isAlone ? producer : undefined;
}

export function writeBatchNorm(
  { inputs: [x, scale, bias], outputs: [, mean, variance], attrs }: BatchNorm,
  { y, relu }: { readonly y: ValueId; readonly relu: boolean },
  layout: Layout,
  writer: Writer,
): void {
  const channels = roundUp(writer.shape4(x)[1], layout.block);
  const spread = deviationOf(variance, attrs.epsilon, layout, writer);
  const factor = writer.emit('Div', [channelsOf(scale, layout, writer), spread]);
  const shift = channelsOf(bias, layout, writer);
  const name = scaleChannels(writer, centredOf(x, mean, layout, writer), channels, {
    scale: factor,
    shift,
    relu,
  });
  writer.setForm(y, layout.form, name, 'zero');
}

/** Writes `x - mean` per channel. `x: [N, C, H, W], mean: [C] -> [N, Cp, H, W]` */
export function centredOf(x: ValueId, mean: ValueId, layout: Layout, writer: Writer): string {
  return writer.onceHere(x, `centred by %${mean}`, () => {
    const channels = roundUp(writer.shape4(x)[1], layout.block);
    const scale = writer.constant(float32([channels], new Float32Array(channels).fill(1)));
    const shift = writer.emit('Neg', [channelsOf(mean, layout, writer)]);
    return scaleChannels(writer, writer.inForm(x, layout.form, 'zero'), channels, { scale, shift });
  });
}

/** Writes `sqrt(variance + epsilon)`. `[C] -> [Cp]` */
export function deviationOf(variance: ValueId, epsilon: number, layout: Layout, target: Writer): string {
  return target.once(variance, `deviation with ${epsilon}`, (writer, value) => {
    const channels = sizeOf(writer.shape(value));
    // After the last channel the deviation is 1, so that the zeros there stay 0 when divided.
    const added = Float32Array.from({ length: roundUp(channels, layout.block) }, (_, channel) =>
      channel < channels ? epsilon : 1,
    );
    const sum = writer.emit('Add', [
      channelsOf(value, layout, writer),
      writer.constant(float32([added.length], added)),
    ]);
    return writer.emit('Sqrt', [sum]);
  });
}

/** Writes the mean over the images of one element per channel. `[N, Cp, 1, 1] -> [Cp]` */
export function overImages(writer: Writer, sums: string, channels: number): string {
  return view(writer, writer.emit('ReduceMean', [sums], { axes: [0], keepdims: 1 }), [channels]);
}

function writeStatistics(
  { inputs: [x], outputs: [, mean, variance] }: BatchNorm,
  layout: Layout,
  writer: Writer,
): void {
  const shape = writer.shape4(x);
  const [, , h, w] = shape;
  const channels = roundUp(shape[1], layout.block);
  const set = (value: ValueId, name: string): void => {
    writer.once(value, 'channels in blocks', () => name);
    const [, count] = shape;
    const sliced =
      count === channels ? name : writer.emit('Slice', [name, writer.int64([0]), writer.int64([count])]);
    writer.set(value, sliced);
  };
  const means = emitBlocked(writer, 'GlobalAveragePool', [writer.inForm(x, layout.form, 'zero')]);
  set(mean, overImages(writer, means, channels));
  const centred = centredOf(x, mean, layout, writer);
  const squares = overImages(writer, channelProducts(writer, centred, centred, shape, layout), channels);
  set(variance, writer.emit('Div', [squares, writer.constant(scalar(h * w))]));
}
