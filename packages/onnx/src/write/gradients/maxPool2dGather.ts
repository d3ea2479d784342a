// The value of g at each window's first maximum in row-major order -> MaxPool again for its index, and Gather.
// `x: [N, C, H, W], y: [N, C, OH, OW], g: [N, C, H, W] -> [N, C, OH, OW]`
import type { OnnxKernel } from '../writer/writer.ts';

export const maxPool2dGather: OnnxKernel<'maxPool2dGather'> = (
  { attrs: { kernel, strides, pads } },
  { inputs: [x, , g], outputs: [result] },
  writer,
) => {
  const window = { kernel_shape: kernel, strides, pads };
  // The indices count across all images and channels.
  const [, indices] = writer.emitTwo('MaxPool', [writer.full(x)], window);
  const flat = writer.emit('Reshape', [writer.full(g), writer.int64([-1])]);
  writer.set(result, writer.emit('Gather', [flat, indices], { axis: 0 }));
};
