import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise product x * y: `x: [...], y: [...] -> [...]`, all of the same shape.
     * @throws ShapeError unless x and y are float32 of the same shape
     */
    readonly mul: Primitive<[x: Value, y: Value]>;
  }
}

export const mul: Definition<'mul'> = {
  kind: 'primitive',
  inputs: ['x', 'y'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  batch: (inputs) => [joined(inputs)],
  gradient: ({ b, inputs: [x, y], outputGradients: [dz] }) => [b.op.mul(dz, y), b.op.mul(dz, x)],
};
