// Repeated pixels -> Resize, whose default attributes would sample around the center of each pixel.
// `x: [N, C, H, W] -> [N, C, H * scales[0], W * scales[1]]`
import { float32 } from '@isonet/core';
import type { OnnxKernel } from '../writer/writer.ts';

export const upsampleNearest2d: OnnxKernel<'upsampleNearest2d'> = (
  { attrs: { scales } },
  { inputs: [x], outputs: [y] },
  writer,
) => {
  const factors = writer.constant(float32([4], [1, 1, ...scales]));
  const attrs = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  // The omitted second input is a region to crop.
  writer.set(y, writer.emit('Resize', [writer.full(x), '', factors], attrs));
};
