// One bias per channel -> Conv's third input, or Add after any other op.
// `x: [N, C, ...], bias: [C] -> [N, C, ...]`
import { sizeOf } from '@isonet/core';
import type { OnnxKernel } from '../writer/writer.ts';
import { biasedConv, writeConv } from './conv2d.ts';

export const biasAdd: OnnxKernel<'biasAdd'> = (node, { inputs: [x, bias], outputs: [y] }, writer) => {
  const conv = biasedConv(node, writer);
  if (conv) {
    writer.set(y, writeConv(conv, bias, writer));
    return;
  }
  const channels = sizeOf(writer.shape(bias));
  const shape = writer.dims(x).map((_, axis) => (axis === 1 ? channels : 1));
  const perChannel = writer.emit('Reshape', [writer.full(bias), writer.int64(shape)]);
  writer.set(y, writer.emit('Add', [writer.full(x), perChannel]));
};
