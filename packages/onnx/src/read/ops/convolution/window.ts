// The windows of Conv, ConvTranspose and the poolings: pads, strides and dilations of one or two axes, always as two.
import type { Pads, Pair, Shape } from '@isonet/core';
import type { NodeReader } from '../../node.ts';

/** A window over the last two axes. */
export interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads;
}

/**
 * Reads the window of a node over images.
 * @param image height and width
 * @param kernel of the filter; undefined where the attribute kernel_shape says it
 */
export function windowOf(node: NodeReader, image: Pair, kernel?: Pair): Window {
  const { attributes } = node;
  const size = pairOf(node, attributes.ints('kernel_shape', kernel));
  if (kernel && (size[0] !== kernel[0] || size[1] !== kernel[1])) {
    throw node.fail(`expected kernel_shape ${kernel.join('x')}, as the filter has, got ${size.join('x')}`);
  }
  const strides = pairOf(node, attributes.ints('strides', [1, 1]));
  const dilations = pairOf(node, attributes.ints('dilations', [1, 1]));
  return {
    kernel: size,
    strides,
    dilations,
    pads: padsOf(node, image, { kernel: size, strides, dilations }),
  };
}

/** Pads of the attributes pads or auto_pad. */
function padsOf(node: NodeReader, image: Pair, { kernel, strides, dilations }: Omit<Window, 'pads'>): Pads {
  const auto = node.attributes.string('auto_pad', 'NOTSET');
  const given = node.attributes.ints('pads', [0, 0, 0, 0]);
  const [top, left, bottom, right] = given;
  if (
    top === undefined ||
    left === undefined ||
    bottom === undefined ||
    right === undefined ||
    given.length !== 4
  ) {
    throw node.fail(`expected four pads, got ${given.join(', ')}`);
  }
  if (auto === 'NOTSET') return [top, left, bottom, right];
  if (auto === 'VALID') return [0, 0, 0, 0];
  if (auto !== 'SAME_UPPER' && auto !== 'SAME_LOWER') throw node.fail(`auto_pad ${auto} is not known`);
  const [vertical, horizontal] = [0, 1].map((axis): Pair => {
    const [size, k, s, d] = [image[axis]!, kernel[axis]!, strides[axis]!, dilations[axis]!];
    const total = Math.max((Math.ceil(size / s) - 1) * s + (k - 1) * d + 1 - size, 0);
    const less = Math.floor(total / 2);
    return auto === 'SAME_UPPER' ? [less, total - less] : [total - less, less];
  }) as [Pair, Pair];
  return [vertical[0], horizontal[0], vertical[1], horizontal[1]];
}

/** Height and width of `[N, C, H, W]`. */
export function imageOf(node: NodeReader, shape: Shape): Pair {
  const [, , height, width] = shape;
  if (height === undefined || width === undefined || shape.length !== 4) {
    throw node.fail(`expected images [N, C, H, W], got [${shape.join(', ')}]`);
  }
  return [height, width];
}

function pairOf(node: NodeReader, values: readonly number[]): Pair {
  const [vertical, horizontal] = values;
  if (vertical === undefined || horizontal === undefined || values.length !== 2) {
    throw node.fail(`expected one number for height and one for width, got ${values.join(', ')}`);
  }
  return [vertical, horizontal];
}
