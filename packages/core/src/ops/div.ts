import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise quotient x / y: `x: [...], y: [...] -> [...]`, all of the same shape.
     * @throws ShapeError unless x and y are float32 of the same shape
     */
    readonly div: Primitive<[x: Value, y: Value]>;
  }
}

export const div: Definition<'div'> = {
  kind: 'primitive',
  inputs: ['x', 'y'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  batch: (inputs) => [joined(inputs)],
  gradient: ({ b, inputs: [, y], outputs: [z], outputGradients: [dz] }) => {
    const dx = b.op.div(dz, y);
    return [dx, b.op.mul(b.op.mul(dx, z), b.fill(-1, z.shape))];
  },
};
