// The gradient of conv2d for its filter -> Conv with the batch as channels: the images are its input, the gradient of the
// result its filter; what was the stride is its dilation, and vice versa.
// `x: [N, C, H, W], dy: [N, K, OH, OW] -> [K, C / groups, KH, KW]`
import type { NodeOf, Shape } from '@isonet/core';
import { only, two } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';
import { isPointwise, pixelsOf } from './pixelProducts.ts';
import { unusedRest } from './unusedRest.ts';

type GradFilter = NodeOf<'conv2dGradFilter'>;

export function conv2dGradFilter(node: GradFilter, writer: Writer): void {
  writer.set(only(node.outputs), formulation(node, writer)(node, writer));
}

type Formulation = (node: GradFilter, writer: Writer) => string;

/**
 * A 1x1 convolution needs no windows. One product over all images takes the images with their channels in front, which are
 * copied for it; a product per image has as many results as there are images, to be added up. The cheaper one is taken.
 */
function formulation(node: GradFilter, writer: Writer): Formulation {
  if (!isPointwise(node.attrs.filterShape, node.attrs)) return general;
  const [, c = 1, h = 1, w = 1] = writer.shape(two(node.inputs)[0]);
  const [k = 1] = node.attrs.filterShape;
  return h * w * (c + k) < c * k ? pointwiseWhole : pointwisePerImage;
}

function general({ inputs, outputs, attrs }: GradFilter, writer: Writer): string {
  const [x, dy] = two(inputs);
  const [k = 1, cPerGroup = 1, kh = 1, kw = 1] = writer.shape(only(outputs));
  const images = batchAsChannels(writer.full(x), writer.shape(x), attrs.groups, writer);
  const filter = writer.emit('Transpose', [writer.full(dy)], { perm: [1, 0, 2, 3] });
  const [top, left, bottom, right] = attrs.pads;
  const rest = unusedRest(writer.shape(x), writer.shape(dy), [kh, kw], attrs);
  // The rest that no window reached has no part in it: less padding where there is some, else a larger result that is cut.
  const [restBelow, restRight] = [Math.min(rest[0], bottom), Math.min(rest[1], right)];
  const correlated = writer.emit('Conv', [images, filter], {
    kernel_shape: writer.shape(dy).slice(2),
    strides: attrs.dilations,
    dilations: attrs.strides,
    pads: [top, left, bottom - restBelow, right - restRight],
    group: attrs.groups,
  });
  const tooLarge = rest[0] - restBelow >= attrs.dilations[0] || rest[1] - restRight >= attrs.dilations[1];
  const cut = tooLarge
    ? writer.emit('Slice', [correlated, writer.int64([0, 0]), writer.int64([kh, kw]), writer.int64([2, 3])])
    : correlated;
  return cPerGroup === 1
    ? writer.emit('Reshape', [cut, writer.int64([k, 1, kh, kw])])
    : writer.emit('Transpose', [cut], { perm: [1, 0, 2, 3] });
}

/** `[N, C, H, W] -> [C / groups, groups * N, H, W]`, group by group, so that a grouped Conv keeps the groups apart. */
function batchAsChannels(
  x: string,
  [n = 1, c = 1, h = 1, w = 1]: Shape,
  groups: number,
  writer: Writer,
): string {
  if (groups === 1) return writer.emit('Transpose', [x], { perm: [1, 0, 2, 3] });
  const split = writer.emit('Reshape', [x, writer.int64([n, groups, c / groups, h, w])]);
  const moved = writer.emit('Transpose', [split], { perm: [2, 1, 0, 3, 4] });
  return writer.emit('Reshape', [moved, writer.int64([c / groups, groups * n, h, w])]);
}

/** One matrix product over all pixels of all images. */
function pointwiseWhole({ inputs, attrs: { filterShape } }: GradFilter, writer: Writer): string {
  const [x, dy] = two(inputs);
  const product = writer.emit('Gemm', [pixelsOf(dy, writer), pixelsOf(x, writer)], { transA: 1 });
  return writer.emit('Reshape', [product, writer.int64(filterShape)]);
}

/** A matrix product per image. */
function pointwisePerImage({ inputs, attrs: { filterShape } }: GradFilter, writer: Writer): string {
  const [x, dy] = two(inputs);
  const flat = (value: number): string => {
    const [n = 1, c = 1, h = 1, w = 1] = writer.shape(value);
    return writer.emit('Reshape', [writer.full(value), writer.int64([n, c, h * w])]);
  };
  const pixelsFirst = writer.emit('Transpose', [flat(x)], { perm: [0, 2, 1] });
  const perImage = writer.emit('MatMul', [flat(dy), pixelsFirst]);
  const sum = writer.emit('ReduceSum', [perImage, writer.int64([0])], { keepdims: 0 });
  return writer.emit('Reshape', [sum, writer.int64(filterShape)]);
}
