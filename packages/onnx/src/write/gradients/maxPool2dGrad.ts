// The gradient of maxPool2d -> MaxPool once more for the place of each window's maximum, the first in row-major order, and
// ScatterElements to add each window's gradient there. `x: [N, C, H, W], y, dy: [N, C, OH, OW] -> [N, C, H, W]`
import type { NodeOf } from '@isonet/core';
import { float32, sizeOf } from '@isonet/core';
import { only, three, two } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function maxPool2dGrad(node: NodeOf<'maxPool2dGrad'>, writer: Writer): void {
  const [x, , dy] = three(node.inputs);
  const dx = only(node.outputs);
  const { kernel, strides, pads } = node.attrs;
  const window = { kernel_shape: kernel, strides, pads };
  const [, places] = two(writer.emitMany('MaxPool', [writer.full(x)], window, 2));
  const flat = (name: string): string => writer.emit('Reshape', [name, writer.int64([-1])]);
  const shape = writer.shape(dx);
  const zeros = writer.emit('Expand', [writer.constant(float32([1])), writer.int64([sizeOf(shape)])]);
  const operands = [zeros, flat(places), flat(writer.full(dy))];
  const sums = writer.emit('ScatterElements', operands, { axis: 0, reduction: 'add' });
  writer.set(dx, writer.emit('Reshape', [sums, writer.int64(shape)]));
}
