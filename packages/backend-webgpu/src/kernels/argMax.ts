// argMax(x): the index of the largest element along an axis. In a tie the first element wins, and a NaN wins over any
// number. One thread per row. `x: [N, K], axis 1 -> int32 [N, 1]`
import { dimOf, sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch, u32 } from './kernel.ts';
import { RANKS } from './rank.ts';

export const argMax: Kernel<'argMax'> = ({ attrs: { axis } }, { inputs: [x], outputs: [y] }) => [
  dispatch({
    reads: { x: [x, 'u32'] },
    writes: { y: [y, 'i32'] },
    params: { size: u32(dimOf(x.shape, axis)), stride: u32(sizeOf(x.shape.slice(axis + 1))) },
    threads: sizeOf(y.shape),
    functions: RANKS,
    body: `var place = i / params.stride * params.size * params.stride + i % params.stride;
  var highest = rank(x[place]);
  var first = 0u;
  for (var at = 1u; at < params.size; at++) {
    place += params.stride;
    let height = rank(x[place]);
    if (height > highest) {
      highest = height;
      first = at;
    }
  }
  y[i] = i32(first);`,
  }),
];
