import type { Value } from '../graph/value.ts';
import type { Build, Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

/** The attributes of {@link dropout}. */
export type DropoutAttrs = {
  /** The probability that a value is dropped, in [0, 1). */
  readonly rate: number;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Inverted dropout (Srivastava et al. 2014): zeroes each value with probability `rate`, where `uniform < rate`, and
     * scales the other values by `1 / (1 - rate)`.
     *
     * `x: [...], uniform: [...] in [0, 1) -> [...]`, all of the same shape. The random numbers are an input
     * (see `randomUniform`), so the op itself is a pure function.
     * @throws ShapeError unless x and uniform are float32 of the same shape, and the rate is at least 0 and
     * less than 1
     */
    readonly dropout: Composite<[x: Value, uniform: Value], DropoutAttrs>;
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

/** Drops the elements where uniform < rate, for x and for its gradient. */
function masked(b: Build, x: Value, uniform: Value, rate: number): Value {
  const dropped = b.op.greater(b.fill(rate, x.shape), uniform);
  return b.op.select(dropped, b.fill(0, x.shape), b.op.mul(x, b.fill(1 / (1 - rate), x.shape)));
}
