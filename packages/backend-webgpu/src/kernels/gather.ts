// gather(x, indices): picks entries along an axis; an index out of range yields zeros. Elements are copied as bits.
// `x: [..., D, ...], indices: int32 [n] -> [..., n, ...]`
import { dimOf, sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch, u32s } from './kernel.ts';

export const gather: Kernel<'gather'> = ({ attrs: { axis } }, { inputs: [x, indices], outputs: [y] }) => [
  dispatch({
    reads: { x: [x, 'u32'], indices: [indices, 'i32'] },
    writes: { y: [y, 'u32'] },
    params: u32s({
      size: dimOf(x.shape, axis),
      picks: sizeOf(indices.shape),
      // The stride of the axis.
      step: sizeOf(x.shape.slice(axis + 1)),
    }),
    threads: sizeOf(y.shape),
    body: `let line = i / params.step;
  // A negative index is a large one here.
  let index = u32(indices[line % params.picks]);
  let at = (line / params.picks * params.size + index) * params.step + i % params.step;
  y[i] = 0u;
  if (index < params.size) { y[i] = x[at]; }`,
  }),
];
