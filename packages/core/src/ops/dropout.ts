// dropout(x, uniform): zeroes each value with probability `rate` and scales the rest by 1 / (1 - rate)
// (Srivastava et al. 2014, in its inverted form). `x: [...], uniform: [...] in [0, 1) -> [...]`
// The random numbers are an input (see randomUniform), so the op itself is a pure function.
import type { Value } from '../graph/value.ts';
import type { Build, Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export type DropoutAttrs = { readonly rate: number };

declare module './signatures.ts' {
  interface Signatures {
    dropout: Composite<[x: Value, uniform: Value], DropoutAttrs>;
  }
}

export const dropout: Definition<'dropout'> = {
  kind: 'composite',
  inputs: ['x', 'uniform'],
  infer: (inputs, { rate }, fail) => {
    if (!(rate >= 0 && rate < 1)) throw fail(`rate must be at least 0 and less than 1, got ${rate}`);
    return [sameFloat(inputs, fail)];
  },
  decompose: (b, [x, uniform], { rate }) => [masked(b, x, uniform, rate)],
  gradient: ({ b, inputs: [, uniform], attrs: { rate }, outputGradients: [dy] }) => [
    masked(b, dy, uniform, rate),
    undefined,
  ],
};

/** What is done to x, and to its gradient alike: dropped where uniform < rate. */
function masked(b: Build, x: Value, uniform: Value, rate: number): Value {
  const dropped = b.op.greater(b.fill(rate, x.shape), uniform);
  return b.op.select(dropped, b.fill(0, x.shape), b.op.mul(x, b.fill(1 / (1 - rate), x.shape)));
}
