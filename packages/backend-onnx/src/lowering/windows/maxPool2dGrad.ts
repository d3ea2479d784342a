// The gradient of maxPool2d: every pixel adds, tap by tap, the gradients of the windows in which it is the first
// maximum.
// `x: [N, C, H, W], y, dy: [N, C, OH, OW] -> [N, C, H, W]`
import { scalar } from '@isonet/core';
import type { OnnxKernel } from '@isonet/onnx/write';
import { gather } from './gather.ts';
import { firstMaxima, ranks } from './maxima.ts';
import { windowsOfPixels } from './tables.ts';

export const maxPool2dGrad: OnnxKernel<'maxPool2dGrad'> = (
  { attrs },
  { inputs: [x, y, dy], outputs: [dx] },
  writer,
) => {
  const [n, c, h, w] = writer.shape4(x);
  const [, , oh, ow] = writer.shape4(dy);
  const taps = attrs.kernel[0] * attrs.kernel[1];
  const reshape = (name: string, shape: readonly number[]): string =>
    writer.emit('Reshape', [name, writer.int64(shape)]);
  const table = windowsOfPixels([h, w], [oh, ow], { ...attrs, dilations: [1, 1] });
  const perPixel = (name: string): string =>
    gather(writer, reshape(name, [n, c, oh * ow]), [n, c, oh * ow], table, [taps, h * w], 0);
  const isOwn = writer.emit('Equal', [perPixel(firstMaxima(writer, x, y, attrs)), ranks(writer, attrs)]);
  const terms = writer.emit('Where', [isOwn, perPixel(writer.full(dy)), writer.constant(scalar(0))]);
  const sum = writer.emit('ReduceSum', [terms, writer.int64([2])], { keepdims: 0 });
  writer.set(dx, reshape(sum, [n, c, h, w]));
};
