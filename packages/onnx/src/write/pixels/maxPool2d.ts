// Maxima of windows -> MaxPool along the columns, then along the rows. The intermediate result is kept for the gradient.
// `x: [N, C, H, W] -> [N, C, OH, OW]`
import type { MaxPool2dAttrs, Shape4, ValueId } from '@isonet/core';
import { maxPool2d as plain } from '../ops/pooling.ts';
import type { OnnxKernel, Writer } from '../writer/writer.ts';
import { inPixels, pixelDims, pixelsOf, setPixels, viewed } from './form.ts';
import type { Line } from './lines.ts';
import { linesOf, pooled } from './lines.ts';

export const maxPool2d: OnnxKernel<'maxPool2d'> = (node, values, writer) => {
  const {
    inputs: [x],
    outputs: [y],
  } = values;
  if (!inPixels(x, writer)) return plain(node, values, writer);
  const { down, rows } = rowMaxima(x, writer.shape4(y), node.attrs, writer);
  const maxima = pooled('MaxPool', rows, down, writer);
  setPixels(y, viewed(maxima, pixelDims(writer.shape4(y)), writer), writer);
};

/** The two axes of a pooling, and the maxima of the columns of every row. */
export interface RowMaxima {
  readonly across: Line;
  readonly down: Line;
  /** The row maxima, with as many elements as `[1, C, H, OW*N]`. */
  readonly rows: string;
}

export function rowMaxima(x: ValueId, y: Shape4, attrs: MaxPool2dAttrs, writer: Writer): RowMaxima {
  const [across, down] = linesOf(writer.shape4(x), y, attrs);
  const rows = writer.once(x, `maxima of rows ${JSON.stringify(attrs)}`, (target, value) =>
    pooled('MaxPool', pixelsOf(value, target), across, target),
  );
  return { across, down, rows };
}
