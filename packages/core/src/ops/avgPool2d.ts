import type { Value } from '../graph/value.ts';
import type { Definition } from './definition.ts';
import type { MaxPool2dAttrs } from './maxPool2d.ts';
import { maxPool2dType } from './maxPool2d.ts';
import { pooledBatch } from './window.ts';

/** The attributes of {@link avgPool2d}. */
export type AvgPool2dAttrs = MaxPool2dAttrs & {
  /** If true, padding counts as zeros; otherwise each window divides by its number of pixels inside x. */
  readonly countPadding: boolean;
};

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Mean of each window: `x: [N, C, H, W] -> [N, C, OH, OW]`, where `OH = floor((H + top + bottom - kernel[0]) / strides[0])
     * + 1`, and OW is analogous.
     *
     * With `countPadding`, padding counts as zeros; otherwise each window divides by its number of pixels inside x.
     * @throws ShapeError unless x is float32 `[N, C, H, W]`, and for a kernel or strides below 1, a kernel larger than the
     * padded x, or pads that are negative or not smaller than the kernel
     */
    readonly avgPool2d: Primitive<[x: Value], AvgPool2dAttrs>;
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
