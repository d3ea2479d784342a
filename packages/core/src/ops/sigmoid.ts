import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise 1 / (1 + e^-x): `x: [...] -> [...]`.
     * @throws ShapeError unless x is float32
     */
    readonly sigmoid: Composite<[x: Value]>;
  }
}

export const sigmoid: Definition<'sigmoid'> = {
  kind: 'composite',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  // sigmoid(x) = (1 + tanh(x / 2)) / 2, because tanh does not overflow.
  decompose: (b, [x]) => {
    const half = b.fill(0.5, x.shape);
    return [b.op.add(b.op.mul(b.op.tanh(b.op.mul(x, half)), half), half)];
  },
  gradient: ({ b, outputs: [y], outputGradients: [dy] }) => {
    const slope = b.op.mul(y, b.op.sub(b.fill(1, y.shape), y));
    return [b.op.mul(dy, slope)];
  },
};
