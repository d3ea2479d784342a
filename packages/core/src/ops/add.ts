import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise sum x + y: `x: [...], y: [...] -> [...]`, all of the same shape.
     * @throws ShapeError unless x and y are float32 of the same shape
     */
    readonly add: Primitive<[x: Value, y: Value]>;
  }
}

export const add: Definition<'add'> = {
  kind: 'primitive',
  inputs: ['x', 'y'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  batch: (inputs) => [joined(inputs)],
  gradient: ({ outputGradients: [dz] }) => [dz, dz],
};
