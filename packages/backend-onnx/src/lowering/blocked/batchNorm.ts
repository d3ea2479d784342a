// Batch normalization in training -> the mean by pooling, centred values, the sum of their squares, and scaling, with the ReLU behind it.
// `x: [N, C, H, W], scale, bias: [C] -> y: [N, C, H, W], mean, variance: [C]`
import type { Node, NodeOf, ValueId } from '@isonet/core';
import { float32, scalar, sizeOf } from '@isonet/core';
import type { OnnxKernel, Writer } from '@isonet/onnx/write';
import { channelsOf } from './filter.ts';
import type { Layout } from './layout.ts';
import { emitBlocked, roundUp, view } from './layout.ts';
import { channelProducts, scaleChannels } from './perChannel.ts';

type BatchNorm = NodeOf<'batchNorm'>;

/** For images: `[N, C, H, W]`. */
export const batchNorm =
  (layout: Layout): OnnxKernel<'batchNorm'> =>
  (node, { outputs: [y] }, writer) => {
    writeStatistics(node, layout, writer);
    const user = writer.soleUser(y);
    const isFused = user !== undefined && normalizedAt(user, writer) === node;
    if (!isFused) writeBatchNorm(node, { y, relu: false }, layout, writer); // otherwise the ReLU writes it
  };

/** The normalization that is written with this ReLU, because nothing else reads what lies between. */
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

/** `x - mean`, of every channel its own. `x: [N, C, H, W], mean: [C] -> [N, Cp, H, W]` */
export function centredOf(x: ValueId, mean: ValueId, layout: Layout, writer: Writer): string {
  return writer.onceHere(x, `centred by %${mean}`, () => {
    const channels = roundUp(writer.shape4(x)[1], layout.block);
    const scale = writer.constant(float32([channels], new Float32Array(channels).fill(1)));
    const shift = writer.emit('Neg', [channelsOf(mean, layout, writer)]);
    return scaleChannels(writer, writer.inForm(x, layout.form, 'zero'), channels, { scale, shift });
  });
}

/** `sqrt(variance + epsilon)`. `[C] -> [Cp]` */
export function deviationOf(variance: ValueId, epsilon: number, layout: Layout, target: Writer): string {
  return target.once(variance, `deviation with ${epsilon}`, (writer, value) => {
    const channels = sizeOf(writer.shape(value));
    // Behind the last channel the deviation is 1, so that what is divided by it stays 0.
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

/** The mean over all images of one number for each channel of each. `[N, Cp, 1, 1] -> [Cp]` */
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
    const cut =
      count === channels ? name : writer.emit('Slice', [name, writer.int64([0]), writer.int64([count])]);
    writer.set(value, cut);
  };
  const means = emitBlocked(writer, 'GlobalAveragePool', [writer.inForm(x, layout.form, 'zero')]);
  set(mean, overImages(writer, means, channels));
  const centred = centredOf(x, mean, layout, writer);
  const squares = overImages(writer, channelProducts(writer, centred, centred, shape, layout), channels);
  set(variance, writer.emit('Div', [squares, writer.constant(scalar(h * w))]));
}
