// The gradient of maxPool2d -> along the rows and then along the columns: where a window sees its maximum first, its gradient
// goes. So the first maximum in row-major order gets it. `x: [N, C, H, W], y, dy: [N, C, OH, OW] -> [N, C, H, W]`
import { scalar } from '@isonet/core';
import { maxPool2dGrad as plain } from '../gradients/maxPool2dGrad.ts';
import type { OnnxKernel, Writer } from '../writer/writer.ts';
import { inPixels, pixelDims, pixelsOf, setPixels, viewed } from './form.ts';
import type { Line } from './lines.ts';
import { firstMaxima, isWhole, lineDims, seen, spread } from './lines.ts';
import { rowMaxima } from './maxPool2d.ts';

export const maxPool2dGrad: OnnxKernel<'maxPool2dGrad'> = (node, values, writer) => {
  const {
    inputs: [x, y, dy],
    outputs: [dx],
  } = values;
  if (!inPixels(x, writer)) return plain(node, values, writer);
  const { across, down, rows } = rowMaxima(x, writer.shape4(y), node.attrs, writer);
  const forRows = alongLine({ x: rows, y: pixelsOf(y, writer), dy: pixelsOf(dy, writer) }, down, writer);
  const gradient = alongLine({ x: pixelsOf(x, writer), y: rows, dy: forRows }, across, writer);
  setPixels(dx, viewed(gradient, pixelDims(writer.shape4(x)), writer), writer);
};

interface Pooled {
  readonly x: string;
  readonly y: string;
  readonly dy: string;
}

function alongLine(names: Pooled, line: Line, writer: Writer): string {
  if (isWhole(line)) return names.dy;
  const dims = lineDims(line);
  const [y, dy] = [viewed(names.y, dims.y, writer), viewed(names.dy, dims.y, writer)];
  const places = seen(viewed(names.x, dims.x, writer), line, writer);
  const zero = writer.constant(scalar(0));
  const sent =
    places.length === 1
      ? [dy]
      : firstMaxima(places, y, writer).map((first) => writer.emit('Where', [first, dy, zero]));
  return spread(sent, line, writer);
}
