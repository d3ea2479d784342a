// oneHot(labels): 1 in the label's column, 0 elsewhere. `labels: int32 [N] -> float32 [N, depth]`
import { sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch, u32 } from './kernel.ts';

export const oneHot: Kernel<'oneHot'> = ({ attrs: { depth } }, { inputs: [labels], outputs: [y] }) => [
  dispatch({
    reads: { labels: [labels, 'i32'] },
    writes: { y: [y, 'f32'] },
    params: { depth: u32(depth) },
    threads: sizeOf(y.shape),
    body: 'y[i] = f32(labels[i / params.depth] == i32(i % params.depth));',
  }),
];
