// biasAdd(x, bias): adds one number per channel. `x: [N, C, ...], bias: [C] -> [N, C, ...]`
import type { Value } from '../builder.ts';
import { typeText } from '../tensor.ts';
import type { Composite, NoAttrs } from './definition.ts';

export const biasAdd: Composite<NoAttrs, [x: Value, bias: Value]> = {
  kind: 'composite',
  inputs: ['x', 'bias'],
  infer: ([x, bias], _, fail) => {
    const channels = x.shape[1];
    const fits = x.dtype === 'float32' && bias.dtype === 'float32' && channels !== undefined;
    if (!fits || bias.shape.length !== 1 || bias.shape[0] !== channels) {
      throw fail(
        `expected x float32 [N, C, ...] and bias float32 [C], got ${typeText(x)} and ${typeText(bias)}`,
      );
    }
    return [{ dtype: 'float32', shape: x.shape }];
  },
  decompose: (b, [x, bias]) => {
    const perChannel = b.op.reshape(bias, { shape: x.shape.map((dim, axis) => (axis === 1 ? dim : 1)) });
    return [b.op.add(x, b.op.broadcast(perChannel, { shape: x.shape }))];
  },
  gradient: ({ b, inputs: [x, bias], outputGradients: [dy] }) => {
    const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
    return [dy, b.op.reshape(b.op.reduceSum(dy, { axes }), { shape: bias.shape })];
  },
};
