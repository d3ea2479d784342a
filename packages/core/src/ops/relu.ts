import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise max(x, 0): `x: [...] -> [...]`. At exactly 0 the gradient is 0.
     * @throws ShapeError unless x is float32
     */
    readonly relu: Composite<[x: Value]>;
  }
}

export const relu: Definition<'relu'> = {
  kind: 'composite',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  // Zero is the first operand, which receives the gradient of a tie, so that the decomposition matches reluGrad at 0.
  decompose: (b, [x]) => [b.op.max(b.fill(0, x.shape), x)],
  gradient: ({ b, outputs: [y], outputGradients: [dy] }) => [b.op.reluGrad(y, dy)],
};
