import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

/** The attributes of {@link clip}. */
export type ClipAttrs = {
  /** The smallest value of the result. */
  readonly low: number;
  /** The largest value of the result, at least `low`. */
  readonly high: number;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Limits each x to `low`..`high`: `x: [...] -> [...]`. The gradient passes where `low <= x <= high`, as in PyTorch.
     * @throws ShapeError unless x is float32 and `low <= high`
     */
    readonly clip: Composite<[x: Value], ClipAttrs>;
  }
}

export const clip: Definition<'clip'> = {
  kind: 'composite',
  inputs: ['x'],
  infer: (inputs, { low, high }, fail) => {
    if (!(low <= high)) throw fail(`low ${low} must not be above high ${high}`);
    return [sameFloat(inputs, fail)];
  },
  // x is the first operand, which receives the gradient of a tie in min and max.
  decompose: (b, [x], { low, high }) => [b.op.min(b.op.max(x, b.fill(low, x.shape)), b.fill(high, x.shape))],
  gradient: ({ b, inputs: [x], attrs: { low, high }, outputGradients: [dy] }) => {
    const zeros = b.fill(0, x.shape);
    const aboveLow = b.op.select(b.op.greater(b.fill(low, x.shape), x), zeros, dy);
    return [b.op.select(b.op.greater(x, b.fill(high, x.shape)), zeros, aboveLow)];
  },
};
