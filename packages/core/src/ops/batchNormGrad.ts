import type { Value } from '../graph/value.ts';
import { sameType, typeText } from '../tensor.ts';
import type { BatchNormAttrs } from './batchNorm.ts';
import { channelMeans, deviation } from './batchNorm.ts';
import type { Definition } from './definition.ts';
import { alongChannels, channelSums, checkPerChannel } from './perChannel.ts';

type Inputs = [x: Value, scale: Value, mean: Value, variance: Value, dy: Value];
type Outputs = readonly [dx: Value, dScale: Value, dBias: Value];

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Gradients of `batchNorm` with respect to x, scale and bias, through y only. Gradients through the outputs mean and
     * variance are not included.
     *
     * `x: [N, C, ...], scale, mean, variance: [C], dy: [N, C, ...] -> dx: [N, C, ...], dScale: [C], dBias: [C]`, where mean and
     * variance are those that `batchNorm` returns for x. With `deviation = sqrt(variance + epsilon)` and `h = (x - mean) /
     * deviation`: `dx = scale / deviation * (dy - mean(dy) - h * mean(dy * h))`, `dScale = sum(dy * h)` and `dBias = sum(dy)`,
     * each over the batch and the pixels of a channel.
     * @throws ShapeError unless x and dy are float32 `[N, C, ...]` of the same shape, and the others are
     * float32 `[C]`
     */
    readonly batchNormGrad: Composite<Inputs, BatchNormAttrs, Outputs>;
  }
}

export const batchNormGrad: Definition<'batchNormGrad'> = {
  kind: 'composite',
  inputs: ['x', 'scale', 'mean', 'variance', 'dy'],
  infer: ([x, scale, mean, variance, dy], _, fail) => {
    checkPerChannel(x, [scale, mean, variance], fail);
    if (!sameType(dy, x)) throw fail(`expected dy ${typeText(x)}, as x, got ${typeText(dy)}`);
    return [{ dtype: 'float32', shape: x.shape }, scale, scale];
  },
  decompose: (b, [x, scale, mean, variance, dy], { epsilon }) => {
    const { shape } = x;
    const spread = deviation(b, variance, epsilon);
    const centered = b.op.sub(x, alongChannels(b, mean, shape));
    const h = b.op.div(centered, alongChannels(b, spread, shape));
    const dyH = b.op.mul(dy, h);
    const alongH = b.op.mul(h, alongChannels(b, channelMeans(b, dyH), shape));
    const inner = b.op.sub(b.op.sub(dy, alongChannels(b, channelMeans(b, dy), shape)), alongH);
    const dx = b.op.mul(inner, alongChannels(b, b.op.div(scale, spread), shape));
    return [dx, channelSums(b, dyH), channelSums(b, dy)];
  },
};
