import type { Value } from '../graph/value.ts';
import type { TensorType } from '../tensor.ts';
import type { Definition, Fail } from './definition.ts';
import type { Pads, Pair } from './window.ts';
import { pooledBatch, rank4, windowsIn } from './window.ts';

/** The attributes of {@link maxPool2d}. */
export type MaxPool2dAttrs = {
  /** Height and width of a window, in pixels. */
  readonly kernel: Pair;
  /** The distance from one window to the next, in pixels of x; at least 1. */
  readonly strides: Pair;
  /** The padding in pixels. Each side is smaller than the kernel, so no window is entirely padding. */
  readonly pads: Pads;
};

/** Returns the type of a pooling's result. The gradient ops use it to check their inputs. */
export function maxPool2dType(x: TensorType, attrs: MaxPool2dAttrs, fail: Fail): TensorType {
  const [n, c, height, width] = rank4(x, 'images float32 [N, C, H, W]', fail);
  const { kernel, pads } = attrs;
  const [oh, ow] = windowsIn([height, width], { ...attrs, dilations: [1, 1] }, fail);
  const [top, left, bottom, right] = pads;
  if (Math.max(top, bottom) >= kernel[0] || Math.max(left, right) >= kernel[1]) {
    throw fail(`pads [${pads.join(', ')}] must be smaller than the kernel ${kernel.join('x')}`);
  }
  return { dtype: 'float32', shape: [n, c, oh, ow] };
}

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Maximum of each window; padding is never the maximum. `x: [N, C, H, W] -> [N, C, OH, OW]`, where `OH = floor((H + top +
     * bottom - kernel[0]) / strides[0]) + 1`, and OW is analogous.
     *
     * The gradient goes to the first maximum of a window, in row-major order, as in PyTorch.
     * @throws ShapeError unless x is float32 `[N, C, H, W]`, and for a kernel or strides below 1, a kernel larger than the
     * padded x, or pads that are negative or not smaller than the kernel
     */
    readonly maxPool2d: Primitive<[x: Value], MaxPool2dAttrs>;
  }
}

export const maxPool2d: Definition<'maxPool2d'> = {
  kind: 'primitive',
  inputs: ['x'],
  infer: ([x], attrs, fail) => [maxPool2dType(x, attrs, fail)],
  batch: (inputs) => [pooledBatch(inputs)],
  gradient: ({ b, inputs: [x], outputs: [y], attrs, outputGradients: [dy] }) => [
    b.op.maxPool2dGrad(x, y, dy, attrs),
  ],
};
