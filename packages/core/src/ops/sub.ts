import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise difference x - y: `x: [...], y: [...] -> [...]`, all of the same shape.
     * @throws ShapeError unless x and y are float32 of the same shape
     */
    readonly sub: Primitive<[x: Value, y: Value]>;
  }
}

export const sub: Definition<'sub'> = {
  kind: 'primitive',
  inputs: ['x', 'y'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  batch: (inputs) => [joined(inputs)],
  gradient: ({ b, outputGradients: [dz] }) => [dz, b.op.mul(dz, b.fill(-1, dz.shape))],
};
