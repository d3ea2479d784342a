// Counts the decisions of a network that are close enough for rounding to flip them: a pre-activation near 0, or two values of a
// pooling window near each other. A flipped decision may move a whole gradient tensor by up to a percent on a correct device, so
// the teacher-forced steps use batches without close decisions.
import type { Graph, MaxPool2dAttrs, Model, Tensor, Tensors } from '@isonet/core';
import { deadCode, dimOf, gradients, shape4 } from '@isonet/core';
import { elementAt, tensorNamed } from '../../src/check/compare.ts';
import { referenceDevice, runOnce } from '../../src/oracle.ts';
import { decisionsOf } from './variances.ts';

/**
 * The margin in standard deviations of a correct device's rounding error. Among the 200,000 decisions of a batch, a
 * few errors reach five standard deviations.
 */
const MARGIN = 6;

/** @returns the number of decisions of a forward pass in training mode that are closer than the margin */
export async function undecided(model: Model, state: Tensors, feeds: Tensors): Promise<number> {
  const { graph, decisions } = decisionsOf(decidingPart(model, dimOf(tensorNamed(feeds, 'images').shape, 0)));
  const outputs = await runOnce(await referenceDevice(), graph, state, feeds);
  const counts = decisions.map(({ node, value, variance }) => {
    const [x, errors] = [tensorNamed(outputs, value), tensorNamed(outputs, variance)];
    return node.op === 'maxPool2d' ? closeWindows(x, errors, node.attrs) : closeToZero(x, errors);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Returns the forward pass of a training step up to its last ReLU or maximum. */
function decidingPart(model: Model, batch: number): Graph {
  const graph = gradients(model, batch);
  const deciding = graph.nodes.filter(({ op }) => op === 'relu' || op === 'maxPool2d');
  const values = deciding.flatMap((node) => node.outputs);
  return deadCode({ ...graph, outputs: values.map((value) => ({ name: String(value), value })) });
}

/** Counts the values close to 0. Exact zeros and constants do not count, because they have no variance. */
function closeToZero({ data }: Tensor, { data: variances }: Tensor): number {
  let count = 0;
  for (let i = 0; i < data.length; i++) {
    if (isClose(elementAt(data, i), elementAt(variances, i))) count++;
  }
  return count;
}

function isClose(gap: number, variance: number): boolean {
  return variance > 0 && Math.abs(gap) <= MARGIN * Math.sqrt(variance);
}

/**
 * Counts the windows in which another value is close to the largest. Equal values do not count: they are zeros after
 * a ReLU or come from identical pixels (a uniform background), and the choice between them changes no gradient of a
 * filter.
 */
function closeWindows({ data, shape }: Tensor, { data: variances }: Tensor, attrs: MaxPool2dAttrs): number {
  const [, , height, width] = shape4(shape);
  const [rows, columns] = [starts(height, 0, attrs), starts(width, 1, attrs)];
  let count = 0;
  for (let plane = 0; plane < data.length; plane += height * width) {
    for (const row of rows) {
      for (const column of columns) {
        const positions = windowAt(row, column, height, width, attrs).map((position) => plane + position);
        const largest = Math.max(...positions.map((position) => elementAt(data, position)));
        const variance = 2 * Math.max(...positions.map((position) => elementAt(variances, position)));
        const gaps = positions.map((position) => largest - elementAt(data, position));
        if (gaps.some((gap) => gap > 0 && isClose(gap, variance))) count++;
      }
    }
  }
  return count;
}

/** Returns the starts of the windows along one axis, possibly in the padding. */
function starts(size: number, axis: 0 | 1, { kernel, strides, pads }: MaxPool2dAttrs): readonly number[] {
  const [top, left, bottom, right] = pads;
  const [before, after] = axis === 0 ? [top, bottom] : [left, right];
  const last = size + before + after - kernel[axis];
  return Array.from({ length: Math.floor(last / strides[axis]) + 1 }, (_, i) => i * strides[axis] - before);
}

/** Returns the pixels of a window inside the image, as indices into its plane. */
function windowAt(
  row: number,
  column: number,
  height: number,
  width: number,
  { kernel }: MaxPool2dAttrs,
): readonly number[] {
  const positions: number[] = [];
  for (let y = Math.max(0, row); y < Math.min(height, row + kernel[0]); y++) {
    for (let x = Math.max(0, column); x < Math.min(width, column + kernel[1]); x++)
      positions.push(y * width + x);
  }
  return positions;
}
