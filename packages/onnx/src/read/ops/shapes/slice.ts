// Slice: its bounds are attributes up to operator set 9. From 10 on, they are inputs, and there is a step.
import { dimOf } from '@isonet/core';
import { indexCount } from '../../host/budget.ts';
import type { NodeReader, ReadOp } from '../../node.ts';
import { blockAlong } from '../layout/moved.ts';
import { pickedAlong } from '../layout/picked.ts';
import { listedAxes } from '../axes.ts';
import { intsOf } from './intLists.ts';

export const Slice: ReadOp = (node) => {
  const rank = node.shape(0).length;
  const [starts, ends] = [intsOf(node, 'starts', 1, 10), intsOf(node, 'ends', 2, 10)];
  if (!starts || !ends) throw node.fail('expected starts and ends, got none');
  const axes = listedAxes(node, intsOf(node, 'axes', 3, 10) ?? [...starts.keys()], rank);
  const steps = node.opset >= 10 && node.has(4) ? node.ints(4) : starts.map(() => 1);
  if ([ends, axes, steps].some(({ length }) => length !== starts.length)) {
    throw node.fail('expected a start, an end and a step for each axis');
  }
  return axes.reduce((x, axis, i) => {
    const size = dimOf(node.shape(0), axis);
    const { first, count, step } = stretch(node, size, starts[i]!, ends[i]!, steps[i]!);
    if (step === 1) return blockAlong(node, x, axis, first, count);
    return pickedAlong(
      node,
      x,
      axis,
      Array.from({ length: indexCount(node, count) }, (_, k) => first + k * step),
    );
  }, node.input(0));
};

/** Returns the entries of an axis that the slice selects. Bounds are clamped to the axis. */
function stretch(
  node: NodeReader,
  size: number,
  start: number,
  end: number,
  step: number,
): { readonly first: number; readonly count: number; readonly step: number } {
  if (step === 0 || !Number.isInteger(step)) throw node.fail(`expected a nonzero integer step, got ${step}`);
  const within = (bound: number, low: number, high: number): number =>
    Math.min(Math.max(bound < 0 ? bound + size : bound, low), high);
  const [from, to] =
    step > 0
      ? [within(start, 0, size), within(end, 0, size)]
      : [within(start, 0, size - 1), within(end, -1, size - 1)];
  return { first: from, count: Math.max(Math.ceil((to - from) / step), 0), step };
}
