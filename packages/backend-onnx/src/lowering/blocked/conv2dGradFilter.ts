// The gradient of conv2d for its filter -> one matrix product of dy and the columns of x (columns.ts) over all pixels of all images.
// For 1x1 filters on many pixels, it is one product per image instead, which needs no columns.
// `x: [N, C, H, W], dy: [N, K, OH, OW] -> [K, C, KH, KW]`
import type { NodeOf, ValueId } from '@isonet/core';
import { shape4 } from '@isonet/core';
import type { OnnxKernel, Writer } from '@isonet/onnx/write';
import type { Windows } from './columns.ts';
import { columnsOf, columnsSize } from './columns.ts';
import { isBlocked } from './conv2d.ts';
import type { Layout } from './layout.ts';
import { emitBlocked, view } from './layout.ts';

/** The maximum number of elements in the columns, which then take 512 MiB. */
const MAX_COLUMNS = 2 ** 27;

export const conv2dGradFilter =
  (layout: Layout, plain: OnnxKernel<'conv2dGradFilter'>): OnnxKernel<'conv2dGradFilter'> =>
  (node, operands, writer) => {
    const isPerImage = isCheaperPerImage(node, layout, writer);
    const isTooLarge =
      !isPerImage && columnsSize(operands.inputs[0], windowsOf(node, writer), layout, writer) > MAX_COLUMNS;
    if (!isBlocked(node.attrs) || isTooLarge) return plain(node, operands, writer);
    const [dw] = operands.outputs;
    const product = isPerImage ? perImage(node, writer) : overAllImages(node, layout, writer);
    writer.set(dw, view(writer, product, node.attrs.filterShape));
  };

/** Returns whether a product per image is cheaper: it writes one filter gradient per image, whereas columns copy x and dy. */
function isCheaperPerImage(
  { inputs: [x, dy], attrs }: NodeOf<'conv2dGradFilter'>,
  { form }: Layout,
  writer: Writer,
): boolean {
  const [k, c, kh, kw] = shape4(attrs.filterShape);
  const [oh, ow] = writer.extent(dy);
  const isPointwise = [kh, kw, ...attrs.strides].every((n) => n === 1) && attrs.pads.every((n) => n === 0);
  return isPointwise && (4 * k * c < oh * ow * (k + c) || !writer.hasForm(x, form));
}

function windowsOf({ inputs: [, dy], attrs }: NodeOf<'conv2dGradFilter'>, writer: Writer): Windows {
  const [, , kh, kw] = shape4(attrs.filterShape);
  return { ...attrs, kernel: [kh, kw], windows: writer.extent(dy) };
}

function perImage({ inputs: [x, dy] }: NodeOf<'conv2dGradFilter'>, writer: Writer): string {
  const flat = (value: ValueId): string => {
    const [n, channels, h, w] = writer.shape4(value);
    return view(writer, writer.full(value), [n, channels, h * w]);
  };
  const products = writer.emit('FusedMatMul', [flat(dy), flat(x)], { transB: 1 }, 'com.microsoft');
  return writer.emit('ReduceSum', [products, writer.int64([0])], { keepdims: 0 });
}

function overAllImages(node: NodeOf<'conv2dGradFilter'>, layout: Layout, writer: Writer): string {
  const {
    inputs: [x, dy],
    attrs,
  } = node;
  const filterShape = shape4(attrs.filterShape);
  const [k, c, kh, kw] = filterShape;
  const columns = columnsOf(x, windowsOf(node, writer), layout, writer);
  const [rows, transA] = rowsOf(dy, layout, writer);
  const product = writer.emit('Gemm', [rows, columns.name], { transA });
  const { unit, taps, isPlanar } = columns;
  if (isPlanar) {
    return writer.emit('Slice', [product, writer.int64([0]), writer.int64([c * kh * kw]), writer.int64([1])]);
  }
  const blocks = Math.ceil(c / unit);
  if (unit === layout.block) {
    const whole = view(writer, product, [k, blocks * unit, taps, 1]);
    return emitBlocked(writer, 'ReorderOutput', [whole], { channels: c });
  }
  const units = view(writer, product, [k, blocks, taps, unit]);
  const moved = view(writer, writer.emit('Transpose', [units], { perm: [0, 1, 3, 2] }), [
    k,
    blocks * unit,
    taps,
  ]);
  return blocks * unit === c
    ? moved
    : writer.emit('Slice', [moved, writer.int64([0]), writer.int64([c]), writer.int64([1])]);
}

/** Writes dy with one channel per row: `[K, N * OH * OW]`, or its transpose for images of one pixel. */
function rowsOf(dy: ValueId, layout: Layout, writer: Writer): readonly [name: string, transposed: 0 | 1] {
  const [n, k, oh, ow] = writer.shape4(dy);
  if (oh * ow === 1) return [view(writer, writer.full(dy), [n, k]), 1];
  const isWhole = k % layout.block === 0 && writer.hasForm(dy, layout.form);
  const rows = writer.once(dy, 'a channel per row', (target, value) =>
    isWhole ? blocksFirst(value, layout, target) : channelsFirst(value, target),
  );
  return [rows, 0];
}

/** Transposes images of whole blocks, which is cheaper than transposing images of single channels. */
function blocksFirst(dy: ValueId, { block, form }: Layout, writer: Writer): string {
  const [n, k, oh, ow] = writer.shape4(dy);
  const name = writer.inForm(dy, form, 'zero');
  const blocks = k / block;
  const images = view(writer, name, [n, blocks, oh * ow, block]);
  const moved = blocks === 1 ? images : writer.emit('Transpose', [images], { perm: [1, 0, 2, 3] });
  const pixels = view(writer, moved, [blocks, block, n * oh * ow, 1]);
  return view(writer, emitBlocked(writer, 'ReorderOutput', [pixels], { channels: block }), [k, n * oh * ow]);
}

function channelsFirst(dy: ValueId, writer: Writer): string {
  const [n, k, oh, ow] = writer.shape4(dy);
  const images = view(writer, writer.full(dy), [n, k, oh * ow]);
  const moved = writer.emit('Transpose', [images], { perm: [1, 0, 2] });
  return view(writer, moved, [k, n * oh * ow]);
}
