// The template for broadcast, slice and transpose: every element of the result is a copy of some element of the input.
// Elements are copied as bits, for every dtype.
import { sizeOf } from '@isonet/core';
import type { Axis } from './axes.ts';
import { mergedAxes, offsetFunction } from './axes.ts';
import type { Dispatch, NodeTensor } from './kernel.ts';
import { dispatch, u32 } from './kernel.ts';

/** @param axes the axes of the result, outermost first: their sizes, and their strides in the input */
export function copies(
  x: NodeTensor,
  y: NodeTensor,
  axes: readonly Axis[],
  start: number = 0,
): readonly Dispatch[] {
  const { source, params } = offsetFunction('place', mergedAxes(axes));
  return [
    dispatch({
      reads: { x: [x, 'u32'] },
      writes: { y: [y, 'u32'] },
      params: { start: u32(start), ...params },
      threads: sizeOf(y.shape),
      functions: source,
      body: 'y[i] = x[params.start + place(i)];',
    }),
  ];
}
