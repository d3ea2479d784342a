// Means of windows -> AveragePool along the columns, then along the rows: the number of pixels in a window is its
// number of columns times its number of rows. `x: [N, C, H, W] -> [N, C, OH, OW]`
import { avgPool2d as plain } from '../ops/pooling.ts';
import type { OnnxKernel } from '../writer/writer.ts';
import { inPixels, pixelDims, pixelsOf, setPixels, viewed } from './form.ts';
import { linesOf, pooled } from './lines.ts';

export const avgPool2d: OnnxKernel<'avgPool2d'> = (node, values, writer) => {
  const {
    inputs: [x],
    outputs: [y],
  } = values;
  if (!inPixels(x, writer)) return plain(node, values, writer);
  const [across, down] = linesOf(writer.shape4(x), writer.shape4(y), node.attrs);
  const counting = { count_include_pad: Number(node.attrs.countPadding) };
  const rows = pooled('AveragePool', pixelsOf(x, writer), across, writer, counting);
  const means = pooled('AveragePool', rows, down, writer, counting);
  setPixels(y, viewed(means, pixelDims(writer.shape4(y)), writer), writer);
};
