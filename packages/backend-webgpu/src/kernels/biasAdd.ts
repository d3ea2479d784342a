// biasAdd(x, bias): adds one bias per channel. `x: [N, C, ...], bias: [C] -> [N, C, ...]`
import { dimOf, sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch, u32 } from './kernel.ts';

export const biasAdd: Kernel<'biasAdd'> = (_, { inputs: [x, bias], outputs: [y] }) => [
  dispatch({
    reads: { x: [x, 'f32'], bias: [bias, 'f32'] },
    writes: { y: [y, 'f32'] },
    params: { channels: u32(dimOf(x.shape, 1)), pixels: u32(sizeOf(x.shape.slice(2))) },
    threads: sizeOf(x.shape),
    body: 'y[i] = x[i] + bias[(i / params.pixels) % params.channels];',
  }),
];
