import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

/** The attributes of {@link leakyRelu}. */
export type LeakyReluAttrs = {
  /** The slope for x <= 0. */
  readonly alpha: number;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise x where it is positive, otherwise `alpha * x`: `x: [...] -> [...]`. At exactly 0 the slope is alpha.
     * @throws ShapeError unless x is float32
     */
    readonly leakyRelu: Composite<[x: Value], LeakyReluAttrs>;
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
