// biasAdd(x, bias): adds one number per channel. `x: [N, C, ...], bias: [C] -> [N, C, ...]`
import type { Value } from '../builder.ts';
import type { Composite, NoAttrs } from './definition.ts';
import { alongChannels, channelSums, checkPerChannel } from './perChannel.ts';

export const biasAdd: Composite<NoAttrs, [x: Value, bias: Value]> = {
  kind: 'composite',
  inputs: ['x', 'bias'],
  infer: ([x, bias], _, fail) => {
    checkPerChannel(x, [bias], fail);
    return [{ dtype: 'float32', shape: x.shape }];
  },
  decompose: (b, [x, bias]) => [b.op.add(x, alongChannels(b, bias, x.shape))],
  gradient: ({ b, outputGradients: [dy] }) => [dy, channelSums(b, dy)],
};
