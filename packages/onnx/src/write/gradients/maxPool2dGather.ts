// What g holds at each window's maximum -> MaxPool once more for the place, the first in row-major order, and Gather.
// `x: [N, C, H, W], y: [N, C, OH, OW], g: [N, C, H, W] -> [N, C, OH, OW]`
import type { OnnxKernel } from '../writer/writer.ts';

export const maxPool2dGather: OnnxKernel<'maxPool2dGather'> = (
  { attrs: { kernel, strides, pads } },
  { inputs: [x, , g], outputs: [result] },
  writer,
) => {
  const window = { kernel_shape: kernel, strides, pads };
  // Places count through all images and channels.
  const [, places] = writer.emitTwo('MaxPool', [writer.full(x)], window);
  const flat = writer.emit('Reshape', [writer.full(g), writer.int64([-1])]);
  writer.set(result, writer.emit('Gather', [flat, places], { axis: 0 }));
};
