// What g holds at each window's maximum -> MaxPool once more for the place, the first in row-major order, and Gather.
// `x: [N, C, H, W], y: [N, C, OH, OW], g: [N, C, H, W] -> [N, C, OH, OW]`
import type { NodeOf } from '@isonet/core';
import { only, three, two } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function maxPool2dGather(node: NodeOf<'maxPool2dGather'>, writer: Writer): void {
  const [x, , g] = three(node.inputs);
  const { kernel, strides, pads } = node.attrs;
  const window = { kernel_shape: kernel, strides, pads };
  // Places count through all images and channels.
  const [, places] = two(writer.emitMany('MaxPool', [writer.full(x)], window, 2));
  const flat = writer.emit('Reshape', [writer.full(g), writer.int64([-1])]);
  writer.set(only(node.outputs), writer.emit('Gather', [flat, places], { axis: 0 }));
}
