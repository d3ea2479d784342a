import type { Value } from '../graph/value.ts';
import { typeText } from '../tensor.ts';
import { joined } from './coupling.ts';
import type { Definition } from './definition.ts';

/** The attributes of {@link cast}. */
export type CastAttrs = {
  /** The result's dtype. */
  readonly to: 'float32' | 'int32';
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Converts to another dtype: `x: bool | int32 | float32 [...] -> float32 | int32 [...]`.
     *
     * A bool becomes 0 or 1. float32 to int32 truncates toward 0 and is defined for values within the range of int32. No
     * gradient flows through it.
     * @throws ShapeError if x already has the dtype `to`, or is not bool, int32 or float32
     */
    readonly cast: Primitive<[x: Value], CastAttrs>;
  }
}

export const cast: Definition<'cast'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { to }, fail) => {
    if (x.dtype === to || !['bool', 'int32', 'float32'].includes(x.dtype)) {
      throw fail(`cannot cast ${typeText(x)} to ${to}`);
    }
    return [{ dtype: to, shape: x.shape }];
  },
  batch: (inputs) => [joined(inputs)],
};
