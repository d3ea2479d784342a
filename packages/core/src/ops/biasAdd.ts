import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { alongChannels, channelSums, checkPerChannel } from './perChannel.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Adds one value per channel: `x: [N, C, ...], bias: [C] -> [N, C, ...]`.
     * @throws ShapeError unless x is float32 `[N, C, ...]` and bias is float32 `[C]`
     */
    readonly biasAdd: Composite<[x: Value, bias: Value]>;
  }
}

export const biasAdd: Definition<'biasAdd'> = {
  kind: 'composite',
  inputs: ['x', 'bias'],
  infer: ([x, bias], _, fail) => {
    checkPerChannel(x, [bias], fail);
    return [{ dtype: 'float32', shape: x.shape }];
  },
  decompose: (b, [x, bias]) => [b.op.add(x, alongChannels(b, bias, x.shape))],
  gradient: ({ b, outputGradients: [dy] }) => [dy, channelSums(b, dy)],
};
