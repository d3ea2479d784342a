// The geometry that convolution and pooling share: the number of windows, and the coupling of a batch's
// images.
import { shape4, typeText } from '../tensor.ts';
import type { Shape4, TensorType } from '../tensor.ts';
import type { Coupling } from './coupling.ts';
import { joined, kept, liesAlong } from './coupling.ts';
import type { Fail } from './definition.ts';

/**
 * Returns the shape `[N, C, H, W]` or `[O, I, KH, KW]`.
 * @throws the error of `fail` for a different rank or dtype
 */
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
/** One number for the height and one for the width. */
export type Pair = readonly [vertical: number, horizontal: number];
/** Padding in pixels: `[top, left, bottom, right]`, each at least 0. */
export type Pads = readonly [top: number, left: number, bottom: number, right: number];

/** Returns the output height and width of a window that slides over `[height, width]`. */
export function windowsIn(size: Pair, { kernel, strides, pads, dilations }: Window, fail: Fail): Pair {
  const positive = [...kernel, ...strides, ...dilations].every((n) => Number.isInteger(n) && n >= 1);
  if (!positive) throw fail('kernel, strides and dilations must be integers of at least 1');
  if (!pads.every((n) => Number.isInteger(n) && n >= 0))
    throw fail(`pads must be integers of at least 0, got [${pads.join(', ')}]`);
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

/** Returns the coupling of pooling and its gradients: windows never span samples or channels. */
export function pooledBatch(operands: readonly Coupling[]): Coupling {
  return kept(joined(operands), (axis) => axis < 2);
}

/**
 * Returns the coupling of convolution and its input gradient for images `[N, C, H, W]`: the filter sums over pixels and the
 * channels of a group. Images along the channel axis stay separate if each has its own groups; each may also have its own
 * filters.
 * @param count the number of images
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
