import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { alongChannels, channelSums, checkPerChannel } from './perChannel.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Parametric ReLU: x where it is positive, otherwise `slope * x`, with a learned slope per channel (He et al. 2015, section
     * 2.1). `x: [N, C, ...], slope: [C] -> [N, C, ...]`
     * @throws ShapeError unless x is float32 `[N, C, ...]` and slope is float32 `[C]`
     */
    readonly prelu: Composite<[x: Value, slope: Value]>;
  }
}

export const prelu: Definition<'prelu'> = {
  kind: 'composite',
  inputs: ['x', 'slope'],
  infer: ([x, slope], _, fail) => {
    checkPerChannel(x, [slope], fail);
    return [{ dtype: 'float32', shape: x.shape }];
  },
  decompose: (b, [x, slope]) => {
    const positive = b.op.greater(x, b.fill(0, x.shape));
    return [b.op.select(positive, x, b.op.mul(x, alongChannels(b, slope, x.shape)))];
  },
  gradient: ({ b, inputs: [x, slope], outputGradients: [dy] }) => {
    const zeros = b.fill(0, x.shape);
    const positive = b.op.greater(x, zeros);
    const dx = b.op.select(positive, dy, b.op.mul(dy, alongChannels(b, slope, x.shape)));
    return [dx, channelSums(b, b.op.select(positive, zeros, b.op.mul(dy, x)))];
  },
};
