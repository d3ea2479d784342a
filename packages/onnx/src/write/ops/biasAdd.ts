// One number per channel -> Conv's third input, or Add behind any other op.
// `x: [N, C, ...], bias: [C] -> [N, C, ...]`
import type { NodeOf } from '@isonet/core';
import { only, two } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';
import { biasedConv, writeConv } from './conv2d.ts';

export function biasAdd(node: NodeOf<'biasAdd'>, writer: Writer): void {
  const [x, bias] = two(node.inputs);
  const y = only(node.outputs);
  const conv = biasedConv(node, writer);
  if (conv) {
    writer.set(y, writeConv(conv, bias, writer));
    return;
  }
  const [channels = 1] = writer.shape(bias);
  const shape = writer.dims(x).map((_, axis) => (axis === 1 ? channels : 1));
  const perChannel = writer.emit('Reshape', [writer.full(bias), writer.int64(shape)]);
  writer.set(y, writer.emit('Add', [writer.full(x), perChannel]));
}
