// clip(x): x within low..high. `x: [...] -> [...]`. The gradient passes where low <= x <= high, as in PyTorch.
import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export type ClipAttrs = { readonly low: number; readonly high: number };

declare module './signatures.ts' {
  interface Signatures {
    clip: Composite<[x: Value], ClipAttrs>;
  }
}

export const clip: Definition<'clip'> = {
  kind: 'composite',
  inputs: ['x'],
  infer: (inputs, { low, high }, fail) => {
    if (!(low <= high)) throw fail(`low ${low} must not be above high ${high}`);
    return [sameFloat(inputs, fail)];
  },
  // x is the first operand: min and max send a tie's gradient there.
  decompose: (b, [x], { low, high }) => [b.op.min(b.op.max(x, b.fill(low, x.shape)), b.fill(high, x.shape))],
  gradient: ({ b, inputs: [x], attrs: { low, high }, outputGradients: [dy] }) => {
    const zeros = b.fill(0, x.shape);
    const aboveLow = b.op.select(b.op.greater(b.fill(low, x.shape), x), zeros, dy);
    return [b.op.select(b.op.greater(x, b.fill(high, x.shape)), zeros, aboveLow)];
  },
};
