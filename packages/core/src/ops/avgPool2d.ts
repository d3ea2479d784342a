// avgPool2d(x): the mean of each window. `x: [N, C, H, W] -> [N, C, OH, OW]`
// Padding counts as zeros if countPadding holds; otherwise each window divides by the number of its pixels inside x.
import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import type { MaxPool2dAttrs } from './maxPool2d.ts';
import { maxPool2dType } from './maxPool2d.ts';
import { pooledBatch } from './window.ts';

export type AvgPool2dAttrs = MaxPool2dAttrs & { readonly countPadding: boolean };

declare module './signatures.ts' {
  interface Signatures {
    avgPool2d: Primitive<[x: Value], AvgPool2dAttrs>;
  }
}

export const avgPool2d: Definition<'avgPool2d'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], attrs, fail) => [maxPool2dType(x, attrs, fail)],
  batch: (inputs) => [pooledBatch(inputs)],
  gradient: ({ b, inputs: [x], attrs, outputGradients: [dy] }) => [
    b.op.avgPool2dGrad(dy, { ...attrs, inputShape: x.shape }),
  ],
};
