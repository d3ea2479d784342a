// The gradient of batch normalization -> two means by pooling, and two depthwise convolutions.
// `x, dy: [N, C, H, W], scale, mean, variance: [C] -> dx: [N, C, H, W], dScale, dBias: [C]`
import type { ValueId } from '@isonet/core';
import { scalar } from '@isonet/core';
import type { OnnxKernel } from '@isonet/onnx/write';
import { centredOf, deviationOf, overImages } from './batchNorm.ts';
import { channelsOf } from './filter.ts';
import type { Layout } from './layout.ts';
import { emitBlocked, roundUp } from './layout.ts';
import { channelProducts, scaleChannels } from './perChannel.ts';

/**
 * The kernel for images: `[N, C, H, W]`. With f = scale / sqrt(v), c = x - mean and v = variance + epsilon:
 * `dx = f * dy - f * mean(dy * c) / v * c - f * mean(dy)`.
 */
export const batchNormGrad =
  (layout: Layout): OnnxKernel<'batchNormGrad'> =>
  (
    { attrs: { epsilon } },
    { inputs: [x, scale, mean, variance, dy], outputs: [dx, dScale, dBias] },
    writer,
  ) => {
    const shape = writer.shape4(x);
    const [n, c, h, w] = shape;
    const channels = roundUp(c, layout.block);
    const gradient = writer.inForm(dy, layout.form, 'zero');
    const centred = centredOf(x, mean, layout, writer);
    const spread = deviationOf(variance, epsilon, layout, writer);

    const means = overImages(writer, emitBlocked(writer, 'GlobalAveragePool', [gradient]), channels);
    const products = overImages(writer, channelProducts(writer, gradient, centred, shape, layout), channels);
    const alongC = writer.emit('Div', [products, writer.constant(scalar(h * w))]);

    const count = writer.constant(scalar(n * h * w));
    const set = (value: ValueId, name: string): void => {
      const sliced =
        c === channels ? name : writer.emit('Slice', [name, writer.int64([0]), writer.int64([c])]);
      writer.set(value, sliced);
    };
    set(dBias, writer.emit('Mul', [means, count]));
    set(dScale, writer.emit('Div', [writer.emit('Mul', [alongC, count]), spread]));

    const factor = writer.emit('Div', [channelsOf(scale, layout, writer), spread]);
    const minus = writer.emit('Neg', [factor]);
    const ratio = writer.emit('Div', [alongC, writer.emit('Mul', [spread, spread])]);
    const part = scaleChannels(writer, centred, channels, {
      scale: writer.emit('Mul', [minus, ratio]),
      shift: writer.emit('Mul', [minus, means]),
    });
    const sum = scaleChannels(writer, gradient, channels, { scale: factor, sum: part });
    writer.setForm(dx, layout.form, sum, 'zero');
  };
