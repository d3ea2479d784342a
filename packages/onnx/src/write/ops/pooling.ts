// Pooling -> MaxPool, AveragePool, GlobalAveragePool. `x: [N, C, H, W] -> [N, C, OH, OW]`
import type { OnnxKernel } from '../writer/writer.ts';

export const maxPool2d: OnnxKernel<'maxPool2d'> = (
  { attrs: { kernel, strides, pads } },
  { inputs: [x], outputs: [y] },
  writer,
) => writer.set(y, writer.emit('MaxPool', [writer.full(x)], { kernel_shape: kernel, strides, pads }));

export const avgPool2d: OnnxKernel<'avgPool2d'> = (
  { attrs: { kernel, strides, pads, countPadding } },
  { inputs: [x], outputs: [y] },
  writer,
) => {
  const attrs = { kernel_shape: kernel, strides, pads, count_include_pad: Number(countPadding) };
  writer.set(y, writer.emit('AveragePool', [writer.full(x)], attrs));
};

/** The mean over all pixels. `x: [N, C, H, W] -> [N, C, 1, 1]` */
export const globalAvgPool2d: OnnxKernel<'globalAvgPool2d'> = (_, { inputs: [x], outputs: [y] }, writer) =>
  writer.set(y, writer.emit('GlobalAveragePool', [writer.full(x)]));
