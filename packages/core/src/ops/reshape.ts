// reshape(x): the same values in the same row-major order under another shape.
// `x: [...] -> shape`, with as many values.
import type { Value } from '../graph/value.ts';
import { shapeText, sizeOf, typeText } from '../tensor.ts';
import type { Definition } from './definition.ts';

export type ReshapeAttrs = { readonly shape: readonly number[] };

declare module './signatures.ts' {
  interface Signatures {
    reshape: Primitive<[x: Value], ReshapeAttrs>;
  }
}

export const reshape: Definition<'reshape'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], { shape }, fail) => {
    if (sizeOf(shape) !== sizeOf(x.shape)) throw fail(`cannot lay ${typeText(x)} out as ${shapeText(shape)}`);
    return [{ dtype: x.dtype, shape }];
  },
  gradient: ({ b, inputs: [x], outputGradients: [dy] }) => [b.op.reshape(dy, { shape: x.shape })],
};
