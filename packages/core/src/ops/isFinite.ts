import type { Value } from '../graph/value.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Elementwise: neither NaN nor infinite. `x: [...] -> bool [...]`. No gradient flows through it.
     * @throws ShapeError unless x is float32
     */
    readonly isFinite: Primitive<[x: Value]>;
  }
}

export const isFinite: Definition<'isFinite'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: (inputs, _, fail) => [{ dtype: 'bool', shape: sameFloat(inputs, fail).shape }],
  batch: (inputs) => [joined(inputs)],
};
