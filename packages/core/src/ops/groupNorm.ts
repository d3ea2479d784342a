import type { Value } from '../graph/value.ts';
import { dimOf, sizeOf } from '../tensor.ts';
import type { Build, Definition } from './definition.ts';
import { alongChannels, channelSums, checkPerChannel } from './perChannel.ts';
import { standardized, throughStandardized } from './standardize.ts';

export type GroupNormAttrs = { readonly groups: number; readonly epsilon: number };

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Group normalization (Wu and He 2018, section 3): normalizes each group of C / groups adjacent channels
     * of each sample by the mean and variance of the group's values.
     *
     * `x: [N, C, ...], scale: [C], bias: [C] -> [N, C, ...]`, where
     * `y = scale * (x - mean) / sqrt(variance + epsilon) + bias` and the variance is biased.
     */
    readonly groupNorm: Composite<[x: Value, scale: Value, bias: Value], GroupNormAttrs>;
  }
}

/** The normalized axes of `[N, groups, values of a group]`. */
const AXES = [2];

export const groupNorm: Definition<'groupNorm'> = {
  kind: 'composite',
  inputs: ['x', 'scale', 'bias'],
  infer: ([x, scale, bias], { groups }, fail) => {
    checkPerChannel(x, [scale, bias], fail);
    const channels = dimOf(x.shape, 1);
    if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
      throw fail(`expected groups to divide the ${channels} channels, got ${groups}; choose a divisor`);
    }
    return [{ dtype: 'float32', shape: x.shape }];
  },
  decompose: (b, [x, scale, bias], { groups, epsilon }) => {
    const { h } = standardized(b, grouped(b, x, groups), AXES, epsilon);
    const scaled = b.op.mul(b.op.reshape(h, { shape: x.shape }), alongChannels(b, scale, x.shape));
    return [b.op.add(scaled, alongChannels(b, bias, x.shape))];
  },
  gradient: ({ b, inputs: [x, scale], attrs: { groups, epsilon }, outputGradients: [dy] }) => {
    const parts = standardized(b, grouped(b, x, groups), AXES, epsilon);
    const dh = b.op.mul(dy, alongChannels(b, scale, x.shape));
    const dx = throughStandardized(b, parts, grouped(b, dh, groups), AXES);
    const dyH = b.op.mul(dy, b.op.reshape(parts.h, { shape: x.shape }));
    return [b.op.reshape(dx, { shape: x.shape }), channelSums(b, dyH), channelSums(b, dy)];
  },
};

/** Reshapes `[N, C, ...] -> [N, groups, C / groups * ...]`. */
function grouped(b: Build, x: Value, groups: number): Value {
  const samples = dimOf(x.shape, 0);
  return b.op.reshape(x, { shape: [samples, groups, sizeOf(x.shape) / samples / groups] });
}
