// The geometry that convolution and pooling share: how many windows fit, and which axes they keep apart.
import { shape4, typeText } from '../tensor.ts';
import type { Shape4, TensorType } from '../tensor.ts';
import type { Coupling } from './coupling.ts';
import { joined, kept, liesAlong } from './coupling.ts';
import type { Fail } from './definition.ts';

/** `[N, C, H, W]` or `[O, I, KH, KW]`. @throws what `fail` makes for another rank or dtype. */
export function rank4(type: TensorType, what: string, fail: Fail): Shape4 {
  if (type.dtype !== 'float32' || type.shape.length !== 4) {
    throw fail(`expected ${what}, got ${typeText(type)}`);
  }
  return shape4(type.shape);
}

/** A window that slides over an image. */
export interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly pads: Pads;
  readonly dilations: Pair;
}
/** One number along the height and one along the width. */
export type Pair = readonly [vertical: number, horizontal: number];
/** Padding in pixels: `[top, left, bottom, right]`, each at least 0. */
export type Pads = readonly [top: number, left: number, bottom: number, right: number];

/** Output height and width of a window that slides over `[height, width]`. */
export function windowsIn(size: Pair, { kernel, strides, pads, dilations }: Window, fail: Fail): Pair {
  const positive = [...kernel, ...strides, ...dilations].every((n) => Number.isInteger(n) && n >= 1);
  if (!positive) throw fail('kernel, strides and dilations must be whole numbers of at least 1');
  if (!pads.every((n) => Number.isInteger(n) && n >= 0))
    throw fail(`pads must be whole numbers, got [${pads.join(', ')}]`);
  const [top, left, bottom, right] = pads;
  const padded = [size[0] + top + bottom, size[1] + left + right] as const;
  const reach = [(kernel[0] - 1) * dilations[0] + 1, (kernel[1] - 1) * dilations[1] + 1] as const;
  if (reach[0] > padded[0] || reach[1] > padded[1]) {
    const spread = dilations[0] > 1 || dilations[1] > 1 ? ` (with dilations ${dilations.join('x')})` : '';
    throw fail(`kernel ${reach.join('x')}${spread} is larger than the padded input ${padded.join('x')}`);
  }
  return [
    Math.floor((padded[0] - reach[0]) / strides[0]) + 1,
    Math.floor((padded[1] - reach[1]) / strides[1]) + 1,
  ];
}

/** Pooling and its gradients: windows reach over pixels, never over `[N, C]`. */
export function pooledBatch(operands: readonly Coupling[]): Coupling {
  return kept(joined(operands), (axis) => axis < 2);
}

/**
 * Convolution and its gradient for the input, of images `[N, C, H, W]`: the filter sums over pixels and the channels of a group. Images
 * among the channels stay apart where each has groups of its own; their filters may be theirs, too.
 * @param count how many images there are
 */
export function convolvedBatch(
  images: Coupling,
  filter: Coupling,
  { groups }: { readonly groups: number },
  count: number,
): Coupling {
  if (filter === 'none' && (images === 'none' || liesAlong(images, 0))) return images;
  const byGroup =
    groups % count === 0 &&
    (images === 'none' || liesAlong(images, 1)) &&
    (filter === 'none' || liesAlong(filter, 0));
  return byGroup ? { axis: 1 } : 'summed';
}
