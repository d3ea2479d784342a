// The element of g at the position of each window's first maximum. `x: [N, C, H, W], y: [N, C, OH, OW], g: [N, C, H, W] -> [N, C, OH, OW]`
import { scalar } from '@isonet/core';
import type { OnnxKernel } from '@isonet/onnx/write';
import { firstMaxima, ranks, readWindows } from './maxima.ts';

export const maxPool2dGather: OnnxKernel<'maxPool2dGather'> = (
  { attrs },
  { inputs: [x, y, g], outputs: [result] },
  writer,
) => {
  const [n, c, oh, ow] = writer.shape4(y);
  const read = readWindows(writer, g, [oh, ow], attrs, 0);
  const isFirst = writer.emit('Equal', [firstMaxima(writer, x, y, attrs), ranks(writer, attrs)]);
  const terms = writer.emit('Where', [isFirst, read, writer.constant(scalar(0))]);
  const sum = writer.emit('ReduceSum', [terms, writer.int64([2])], { keepdims: 0 });
  writer.set(result, writer.emit('Reshape', [sum, writer.int64([n, c, oh, ow])]));
};
