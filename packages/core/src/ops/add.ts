// add(x, y): elementwise sum. `x: [...], y: [...] -> [...]`, one shape.
import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    add: Primitive<[x: Value, y: Value]>;
  }
}

export const add: Definition<'add'> = {
  kind: 'primitive',
  inputs: ['x', 'y'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  gradient: ({ outputGradients: [dz] }) => [dz, dz],
};
