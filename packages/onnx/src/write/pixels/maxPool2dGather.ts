// The value of g at each window's first maximum -> selected along the columns, then along the rows.
// `x: [N, C, H, W], y: [N, C, OH, OW], g: [N, C, H, W] -> [N, C, OH, OW]`
import { defined } from '@isonet/core';
import { maxPool2dGather as plain } from '../gradients/maxPool2dGather.ts';
import type { OnnxKernel, Writer } from '../writer/writer.ts';
import { inPixels, pixelDims, pixelsOf, setPixels, viewed } from './form.ts';
import type { Line } from './lines.ts';
import { isIdentity, lineDims, seen } from './lines.ts';
import { rowMaxima } from './maxPool2d.ts';

export const maxPool2dGather: OnnxKernel<'maxPool2dGather'> = (node, values, writer) => {
  const {
    inputs: [x, y, g],
    outputs: [result],
  } = values;
  if (!inPixels(x, writer)) return plain(node, values, writer);
  const { across, down, rows } = rowMaxima(x, writer.shape4(y), node.attrs, writer);
  const ofRows = alongLine({ x: pixelsOf(x, writer), y: rows, g: pixelsOf(g, writer) }, across, writer);
  const gathered = alongLine({ x: rows, y: pixelsOf(y, writer), g: ofRows }, down, writer);
  setPixels(result, viewed(gathered, pixelDims(writer.shape4(y)), writer), writer);
};

interface Pooled {
  readonly x: string;
  readonly y: string;
  readonly g: string;
}

function alongLine(names: Pooled, line: Line, writer: Writer): string {
  if (isIdentity(line)) return names.g;
  const dims = lineDims(line);
  const y = viewed(names.y, dims.y, writer);
  const positions = seen(viewed(names.x, dims.x, writer), line, line.kernel - 1, writer);
  const taken = seen(viewed(names.g, dims.x, writer), line, line.kernel, writer);
  // Iterates from the last position to the first, so that the first maximum overwrites all others.
  return taken.reduceRight((later, g, i) => {
    const equal = writer.emit('Equal', [defined(positions[i], `position ${i} of a window`), y]);
    return writer.emit('Where', [equal, g, later]);
  });
}
