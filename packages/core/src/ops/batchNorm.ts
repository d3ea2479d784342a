import type { Value } from '../graph/value.ts';
import { dimOf, sizeOf } from '../tensor.ts';
import type { Build, Definition } from './definition.ts';
import { alongChannels, channelSums, checkPerChannel } from './perChannel.ts';

/** The attributes of {@link batchNorm}. */
export type BatchNormAttrs = {
  /** Added to the variance, so that its root is never 0. */
  readonly epsilon: number;
};

type Inputs = [x: Value, scale: Value, bias: Value];
type Outputs = readonly [y: Value, mean: Value, variance: Value];

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Batch normalization in training mode: normalizes each channel by its mean and variance over the batch and the pixels
     * (Ioffe and Szegedy 2015, algorithm 1).
     *
     * `x: [N, C, ...], scale: [C], bias: [C] -> y: [N, C, ...], mean: [C], variance: [C]`, where `y = scale * (x - mean) /
     * sqrt(variance + epsilon) + bias` and the variance is biased. For inference, with known statistics, see
     * `batchNormInference`.
     * @throws ShapeError unless x is float32 `[N, C, ...]`, and scale and bias are float32 `[C]`
     */
    readonly batchNorm: Composite<Inputs, BatchNormAttrs, Outputs>;
  }
}

export const batchNorm: Definition<'batchNorm'> = {
  kind: 'composite',
  inputs: ['x', 'scale', 'bias'],
  infer: ([x, scale, bias], _, fail) => {
    checkPerChannel(x, [scale, bias], fail);
    return [{ dtype: 'float32', shape: x.shape }, scale, scale];
  },
  decompose: (b, [x, scale, bias], { epsilon }) => {
    const mean = channelMeans(b, x);
    const centered = b.op.sub(x, alongChannels(b, mean, x.shape));
    const variance = channelMeans(b, b.op.mul(centered, centered));
    const factor = b.op.div(scale, deviation(b, variance, epsilon));
    const scaled = b.op.mul(centered, alongChannels(b, factor, x.shape));
    return [b.op.add(scaled, alongChannels(b, bias, x.shape)), mean, variance];
  },
  gradient: ({ b, inputs: [x, scale], outputs: [, mean, variance], attrs, outputGradients, reached }) => {
    const [dy, dMean, dVariance] = outputGradients;
    const { shape } = x;
    const [throughY, dScale, dBias] = b.op.batchNormGrad(x, scale, mean, variance, dy, attrs);
    const count = pixelsPerChannel(x);
    const parts = [throughY];
    if (reached[1]) parts.push(b.op.div(alongChannels(b, dMean, shape), b.fill(count, shape)));
    if (reached[2]) {
      const centered = b.op.sub(x, alongChannels(b, mean, shape));
      // Divides by count / 2, which is exact; multiplying by 2 / count would round.
      const alongCentered = b.op.mul(centered, alongChannels(b, dVariance, shape));
      parts.push(b.op.div(alongCentered, b.fill(count / 2, shape)));
    }
    return [parts.reduce((sum, part) => b.op.add(sum, part)), dScale, dBias];
  },
};

function pixelsPerChannel(x: Value): number {
  return sizeOf(x.shape) / dimOf(x.shape, 1);
}

/** Returns the mean over all axes but the channels. `[N, C, ...] -> [C]` */
export function channelMeans(b: Build, x: Value): Value {
  const sums = channelSums(b, x);
  return b.op.div(sums, b.fill(pixelsPerChannel(x), sums.shape));
}

/** Returns sqrt(variance + epsilon), a standard deviation that is never 0. `[C] -> [C]` */
export function deviation(b: Build, variance: Value, epsilon: number): Value {
  return b.op.sqrt(b.op.add(variance, b.fill(epsilon, variance.shape)));
}
