// The gradient of conv2d for its input, without ConvTranspose: gathers, for each pixel and tap, the gradient of the
// window that reads the pixel at that tap, and multiplies by the filter.
// `dy: [N, K, OH, OW], w: [K, C / groups, KH, KW] -> [N, C, H, W]`
import { shape4 } from '@isonet/core';
import type { OnnxKernel } from '@isonet/onnx/write';
import { gather } from './gather.ts';
import { windowsOfPixels } from './tables.ts';

export const conv2dGradInput: OnnxKernel<'conv2dGradInput'> = (
  { attrs },
  { inputs: [dy, filter], outputs: [dx] },
  writer,
) => {
  const [n, c, h, w] = shape4(attrs.inputShape);
  const [k, cPerGroup, kh, kw] = writer.shape4(filter);
  const [, , oh, ow] = writer.shape4(dy);
  const { groups } = attrs;
  const [taps, kPerGroup] = [kh * kw, k / groups];
  const reshape = (name: string, shape: readonly number[]): string =>
    writer.emit('Reshape', [name, writer.int64(shape)]);

  const table = windowsOfPixels([h, w], [oh, ow], { ...attrs, kernel: [kh, kw] });
  const flat = reshape(writer.full(dy), [n, k, oh * ow]);
  const read = gather(writer, flat, [n, k, oh * ow], table, [taps, h * w], 0);
  const columns = reshape(read, [n, groups, kPerGroup * taps, h * w]);
  const split = reshape(writer.full(filter), [groups, kPerGroup, cPerGroup, taps]);
  const turned = writer.emit('Transpose', [split], { perm: [0, 2, 1, 3] });
  const weights = reshape(turned, [1, groups, cPerGroup, kPerGroup * taps]);
  writer.set(dx, reshape(writer.emit('MatMul', [weights, columns]), [n, c, h, w]));
};
