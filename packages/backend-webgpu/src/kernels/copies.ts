// What broadcast, slice and transpose share: every result is a copy of the value at some place of the input. Values are moved
// as bits: any dtype.
import { sizeOf } from '@isonet/core';
import type { Axis } from './axes.ts';
import { joined, offsetFunction } from './axes.ts';
import type { Dispatch, NodeTensor } from './kernel.ts';
import { dispatch, u32 } from './kernel.ts';

/** @param axes of the result, outermost first: how many places, and how far apart they lie in the input */
export function copies(
  x: NodeTensor,
  y: NodeTensor,
  axes: readonly Axis[],
  start: number = 0,
): readonly Dispatch[] {
  const { source, params } = offsetFunction('place', joined(axes));
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
