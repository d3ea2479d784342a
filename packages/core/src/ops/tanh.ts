// tanh(x): the elementwise hyperbolic tangent. `x: [...] -> [...]`
import type { Value } from '../builder.ts';
import type { NoAttrs, Primitive } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export const tanh: Primitive<NoAttrs, [x: Value]> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  gradient: ({ b, outputs: [y], outputGradients: [dy] }) => {
    const slope = b.op.sub(b.fill(1, y.shape), b.op.mul(y, y));
    return [b.op.mul(dy, slope)];
  },
};
