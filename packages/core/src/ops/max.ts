import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise maximum: `x: [...], y: [...] -> [...]`, all of the same shape. The gradient of a tie goes
     * to x.
     * @throws ShapeError unless x and y are float32 of the same shape
     */
    readonly max: Primitive<[x: Value, y: Value]>;
  }
}

export const max: Definition<'max'> = {
  kind: 'primitive',
  inputs: ['x', 'y'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  batch: (inputs) => [joined(inputs)],
  gradient: ({ b, inputs: [x, y], outputGradients: [dz] }) => {
    const yWins = b.op.greater(y, x);
    const zeros = b.fill(0, dz.shape);
    return [b.op.select(yWins, zeros, dz), b.op.select(yWins, dz, zeros)];
  },
};
