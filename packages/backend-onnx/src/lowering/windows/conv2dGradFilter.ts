// The gradient of conv2d for its filter, without Conv: gathers the elements that each window reads as columns, and
// computes one product per image.
// `x: [N, C, H, W], dy: [N, K, OH, OW] -> [K, C / groups, KH, KW]`
import { shape4 } from '@isonet/core';
import type { OnnxKernel } from '@isonet/onnx/write';
import { gather } from './gather.ts';
import { pixelsOfWindows } from './tables.ts';

export const conv2dGradFilter: OnnxKernel<'conv2dGradFilter'> = (
  { attrs },
  { inputs: [x, dy], outputs: [dw] },
  writer,
) => {
  const [n, c, h, w] = writer.shape4(x);
  const [k, cPerGroup, kh, kw] = shape4(attrs.filterShape);
  const [, , oh, ow] = writer.shape4(dy);
  const { groups } = attrs;
  const [taps, places] = [kh * kw, oh * ow];
  const reshape = (name: string, shape: readonly number[]): string =>
    writer.emit('Reshape', [name, writer.int64(shape)]);

  const table = pixelsOfWindows([h, w], [oh, ow], { ...attrs, kernel: [kh, kw] });
  const images = reshape(writer.full(x), [n, c, h * w]);
  const read = gather(writer, images, [n, c, h * w], table, [taps, places], 0);
  const columns = reshape(read, [n * groups, cPerGroup * taps, places]);
  const rows = writer.emit('Transpose', [columns], { perm: [0, 2, 1] });
  const gradients = reshape(writer.full(dy), [n * groups, k / groups, places]);
  const products = reshape(writer.emit('MatMul', [gradients, rows]), [n, k * cPerGroup * taps]);
  const sum = writer.emit('ReduceSum', [products, writer.int64([0])], { keepdims: 0 });
  writer.set(dw, reshape(sum, [k, cPerGroup, kh, kw]));
};
