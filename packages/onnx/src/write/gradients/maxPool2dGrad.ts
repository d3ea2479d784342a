// The gradient of maxPool2d -> MaxPool again for the index of each window's first maximum in row-major order, and ScatterElements to
// add each window's gradient there. `x: [N, C, H, W], y, dy: [N, C, OH, OW] -> [N, C, H, W]`
import { float32, sizeOf } from '@isonet/core';
import type { OnnxKernel } from '../writer/writer.ts';

export const maxPool2dGrad: OnnxKernel<'maxPool2dGrad'> = (
  { attrs: { kernel, strides, pads } },
  { inputs: [x, , dy], outputs: [dx] },
  writer,
) => {
  const window = { kernel_shape: kernel, strides, pads };
  const [, indices] = writer.emitTwo('MaxPool', [writer.full(x)], window);
  const flat = (name: string): string => writer.emit('Reshape', [name, writer.int64([-1])]);
  const shape = writer.shape(dx);
  const zeros = writer.emit('Expand', [writer.constant(float32([1])), writer.int64([sizeOf(shape)])]);
  const operands = [zeros, flat(indices), flat(writer.full(dy))];
  const sums = writer.emit('ScatterElements', operands, { axis: 0, reduction: 'add' });
  writer.set(dx, writer.emit('Reshape', [sums, writer.int64(shape)]));
};
