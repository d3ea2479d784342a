// What g holds at each window's first maximum. `x: [N, C, H, W], y: [N, C, OH, OW], g: [N, C, H, W] -> [N, C, OH, OW]`
import { scalar } from '@isonet/core';
import type { OnnxKernel } from '@isonet/onnx/write';
import { gather } from './gather.ts';
import { firstMaxima, ranks } from './maxima.ts';
import { pixelsOfWindows } from './tables.ts';

export const maxPool2dGather: OnnxKernel<'maxPool2dGather'> = (
  { attrs },
  { inputs: [x, y, g], outputs: [result] },
  writer,
) => {
  const [n, c, h, w] = writer.shape4(x);
  const [, , oh, ow] = writer.shape4(y);
  const taps = attrs.kernel[0] * attrs.kernel[1];
  const reshape = (name: string, shape: readonly number[]): string =>
    writer.emit('Reshape', [name, writer.int64(shape)]);
  const table = pixelsOfWindows([h, w], [oh, ow], { ...attrs, dilations: [1, 1] });
  const images = reshape(writer.full(g), [n, c, h * w]);
  const read = gather(writer, images, [n, c, h * w], table, [taps, oh * ow], 0);
  const isFirst = writer.emit('Equal', [firstMaxima(writer, x, y, attrs), ranks(writer, taps)]);
  const terms = writer.emit('Where', [isFirst, read, writer.constant(scalar(0))]);
  const sum = writer.emit('ReduceSum', [terms, writer.int64([2])], { keepdims: 0 });
  writer.set(result, reshape(sum, [n, c, oh, ow]));
};
