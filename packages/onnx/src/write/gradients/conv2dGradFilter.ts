// The filter gradient of conv2d -> Conv with the batch as channels: the images are its input, and the gradient of the
// result is its filter. Strides and dilations are swapped.
// `x: [N, C, H, W], dy: [N, K, OH, OW] -> [K, C / groups, KH, KW]`
import type { NodeOf, Shape4, ValueId } from '@isonet/core';
import { shape4 } from '@isonet/core';
import type { OnnxKernel, Writer } from '../writer/writer.ts';
import { isPointwise, pixelsOf } from './pixelProducts.ts';
import { unusedRest } from './unusedRest.ts';

type GradFilter = NodeOf<'conv2dGradFilter'>;

export const conv2dGradFilter: OnnxKernel<'conv2dGradFilter'> = (node, { outputs: [dw] }, writer) => {
  const filterShape = shape4(node.attrs.filterShape);
  writer.set(dw, formulation(node, filterShape, writer)(node, filterShape, writer));
};

type Formulation = (node: GradFilter, filterShape: Shape4, writer: Writer) => string;

/**
 * Chooses a formulation. A 1x1 convolution needs no windows. A single product over all images needs a copy of the
 * images with the channels in front; a product per image yields one result per image to add up. The cheaper of these
 * two is used.
 */
function formulation({ inputs: [x], attrs }: GradFilter, filterShape: Shape4, writer: Writer): Formulation {
  if (!isPointwise(filterShape, attrs)) return general;
  const [, c, h, w] = writer.shape4(x);
  const [k] = filterShape;
  return h * w * (c + k) < c * k ? pointwiseAllImages : pointwisePerImage;
}

function general({ inputs: [x, dy], attrs }: GradFilter, filterShape: Shape4, writer: Writer): string {
  const [k, cPerGroup, kh, kw] = filterShape;
  const [, , oh, ow] = writer.shape4(dy);
  const images = batchAsChannels(writer.full(x), writer.shape4(x), attrs.groups, writer);
  const filter = writer.emit('Transpose', [writer.full(dy)], { perm: [1, 0, 2, 3] });
  const [top, left, bottom, right] = attrs.pads;
  const rest = unusedRest(writer.extent(x), writer.extent(dy), [kh, kw], attrs);
  // Pixels that no window reached must not contribute. Reduce the padding if possible; otherwise crop a larger result.
  const [restBelow, restRight] = [Math.min(rest[0], bottom), Math.min(rest[1], right)];
  const correlated = writer.emit('Conv', [images, filter], {
    kernel_shape: [oh, ow],
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

/** `[N, C, H, W] -> [C / groups, groups * N, H, W]`, group by group, so that a grouped Conv keeps the groups separate. */
function batchAsChannels(x: string, [n, c, h, w]: Shape4, groups: number, writer: Writer): string {
  if (groups === 1) return writer.emit('Transpose', [x], { perm: [1, 0, 2, 3] });
  const split = writer.emit('Reshape', [x, writer.int64([n, groups, c / groups, h, w])]);
  const moved = writer.emit('Transpose', [split], { perm: [2, 1, 0, 3, 4] });
  return writer.emit('Reshape', [moved, writer.int64([c / groups, groups * n, h, w])]);
}

/** Computes one matrix product over all pixels of all images. */
function pointwiseAllImages({ inputs: [x, dy] }: GradFilter, filterShape: Shape4, writer: Writer): string {
  const product = writer.emit('Gemm', [pixelsOf(dy, writer), pixelsOf(x, writer)], { transA: 1 });
  return writer.emit('Reshape', [product, writer.int64(filterShape)]);
}

/** Computes one matrix product per image and adds up the products. */
function pointwisePerImage({ inputs: [x, dy] }: GradFilter, filterShape: Shape4, writer: Writer): string {
  const flat = (value: ValueId): string => {
    const [n, c, h, w] = writer.shape4(value);
    return writer.emit('Reshape', [writer.full(value), writer.int64([n, c, h * w])]);
  };
  const pixelsFirst = writer.emit('Transpose', [flat(x)], { perm: [0, 2, 1] });
  const perImage = writer.emit('MatMul', [flat(dy), pixelsFirst]);
  const sum = writer.emit('ReduceSum', [perImage, writer.int64([0])], { keepdims: 0 });
  return writer.emit('Reshape', [sum, writer.int64(filterShape)]);
}
