import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Sigmoid linear unit, x * sigmoid(x), also known as swish. `x: [...] -> [...]` (Hendrycks and Gimpel 2016, section 2;
     * Ramachandran et al. 2017)
     */
    readonly silu: Composite<[x: Value]>;
  }
}

export const silu: Definition<'silu'> = {
  kind: 'composite',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  decompose: (b, [x]) => [b.op.mul(x, b.op.sigmoid(x))],
  // s + x * s * (1 - s). In the tails s is exactly 0 or 1, and the product is exactly 0.
  gradient: ({ b, inputs: [x], outputGradients: [dy] }) => {
    const s = b.op.sigmoid(x);
    const rest = b.op.mul(b.op.mul(x, s), b.op.sub(b.fill(1, x.shape), s));
    return [b.op.mul(dy, b.op.add(s, rest))];
  },
};
