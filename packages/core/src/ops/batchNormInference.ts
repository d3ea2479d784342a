import type { Value } from '../graph/value.ts';
import type { BatchNormAttrs } from './batchNorm.ts';
import { deviation } from './batchNorm.ts';
import type { Definition } from './definition.ts';
import { alongChannels, checkPerChannel } from './perChannel.ts';

type Inputs = [x: Value, scale: Value, bias: Value, mean: Value, variance: Value];

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Batch normalization in inference mode, with known statistics (Ioffe and Szegedy 2015, algorithm 2):
     * `y = scale * (x - mean) / sqrt(variance + epsilon) + bias`.
     *
     * `x: [N, C, ...], scale, bias, mean, variance: [C] -> [N, C, ...]`
     * @throws ShapeError unless x is float32 `[N, C, ...]`, and the others are float32 `[C]`
     */
    readonly batchNormInference: Composite<Inputs, BatchNormAttrs>;
  }
}

export const batchNormInference: Definition<'batchNormInference'> = {
  kind: 'composite',
  inputs: ['x', 'scale', 'bias', 'mean', 'variance'],
  infer: ([x, ...vectors], _, fail) => {
    checkPerChannel(x, vectors, fail);
    return [{ dtype: 'float32', shape: x.shape }];
  },
  decompose: (b, [x, scale, bias, mean, variance], { epsilon }) => {
    const centered = b.op.sub(x, alongChannels(b, mean, x.shape));
    const factor = b.op.div(scale, deviation(b, variance, epsilon));
    return [b.op.add(b.op.mul(centered, alongChannels(b, factor, x.shape)), alongChannels(b, bias, x.shape))];
  },
};
