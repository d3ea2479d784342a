// leakyRelu(x): x where it is positive, else alpha * x. `x: [...] -> [...]`. At exactly 0 the slope is alpha.
import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export type LeakyReluAttrs = { readonly alpha: number };

declare module './signatures.ts' {
  interface Signatures {
    leakyRelu: Composite<[x: Value], LeakyReluAttrs>;
  }
}

export const leakyRelu: Definition<'leakyRelu'> = {
  kind: 'composite',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  decompose: (b, [x], { alpha }) => {
    const positive = b.op.greater(x, b.fill(0, x.shape));
    return [b.op.select(positive, x, b.op.mul(x, b.fill(alpha, x.shape)))];
  },
  gradient: ({ b, inputs: [x], attrs: { alpha }, outputGradients: [dy] }) => {
    const positive = b.op.greater(x, b.fill(0, x.shape));
    return [b.op.select(positive, dy, b.op.mul(dy, b.fill(alpha, x.shape)))];
  },
};
