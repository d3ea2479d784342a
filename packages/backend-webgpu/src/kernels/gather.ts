// What broadcast, slice and transpose share: every result is a copy of the value at some place of the input. Values are moved
// as bits: any dtype.
import type { Axis } from './axes.ts';
import { joined, offsetFunction } from './axes.ts';
import type { Dispatch } from './kernel.ts';
import { dispatch, input, output, u32 } from './kernel.ts';

/** @param axes of the result, outermost first: how many places, and how far apart they lie in the input */
export function gather(axes: readonly Axis[], start = 0): readonly Dispatch[] {
  const { source, params } = offsetFunction('place', joined(axes));
  return [
    dispatch({
      reads: { x: [input(0), 'u32'] },
      writes: { y: [output(0), 'u32'] },
      params: { start: u32(start), ...params },
      threads: axes.reduce((product, { size }) => product * size, 1),
      functions: source,
      body: 'y[i] = x[params.start + place(i)];',
    }),
  ];
}
