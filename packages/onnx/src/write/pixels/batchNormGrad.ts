// The gradients of batchNorm through y -> sums per channel, and three passes over the images.
// `x: [N, C, ...], scale, mean, variance: [C], dy: [N, C, ...] -> dx: [N, C, ...], dScale, dBias: [C]`
import { scalar } from '@isonet/core';
import type { OnnxKernel } from '../writer/writer.ts';
import { affine, centeredBy, channelsOf, deviation } from './batchNorm.ts';
import { setPixels } from './form.ts';

export const batchNormGrad: OnnxKernel<'batchNormGrad'> = ({ attrs }, { inputs, outputs }, writer) => {
  const [x, scale, mean, variance, dy] = inputs;
  const [dx, dScale, dBias] = outputs;
  const channels = channelsOf(x, writer, [dy]);
  const { form, column, isPixels } = channels;
  const sumOf = (name: string): string =>
    writer.emit('ReduceSum', [name, writer.int64(channels.axes)], { keepdims: 0 });
  const count = writer.constant(scalar(channels.size));
  const centered = centeredBy(mean, channels, x, () => column(writer.full(mean)), writer);
  const gradient = form(dy);
  const spread = deviation(writer.full(variance), attrs.epsilon, writer);

  const sum = sumOf(gradient);
  // sum(dy * h), where h = centered / spread
  const alongH = writer.emit('Div', [sumOf(writer.emit('Mul', [gradient, centered])), spread]);
  writer.set(dBias, sum);
  writer.set(dScale, alongH);

  // dx = scale / spread * (dy - (mean(dy) + h * mean(dy * h)))
  const meanOf = (total: string): string => writer.emit('Div', [total, count]);
  const [level, slope] = [meanOf(sum), writer.emit('Div', [meanOf(alongH), spread])];
  const line = isPixels
    ? affine(centered, slope, level, channels.count, writer)
    : writer.emit('Add', [writer.emit('Mul', [centered, column(slope)]), column(level)]);
  const factor = column(writer.emit('Div', [writer.full(scale), spread]));
  const result = writer.emit('Mul', [writer.emit('Sub', [gradient, line]), factor]);
  if (isPixels) setPixels(dx, result, writer);
  else writer.set(dx, result);
};
