// biasAdd(x, bias): adds one number per channel. `x: [N, C, ...], bias: [C] -> [N, C, ...]`
import { sizeOf } from '@isonet/core';
import type { Kernel } from './kernel.ts';
import { dispatch, input, output, u32 } from './kernel.ts';

export const biasAdd: Kernel<'biasAdd'> = (_, { inputs: [x] }) => {
  const [, channels = 1, ...pixels] = x?.shape ?? [];
  return [
    dispatch({
      reads: { x: [input(0), 'f32'], bias: [input(1), 'f32'] },
      writes: { y: [output(0), 'f32'] },
      params: { channels: u32(channels), pixels: u32(sizeOf(pixels)) },
      threads: sizeOf(x?.shape ?? []),
      body: 'y[i] = x[i] + bias[(i / params.pixels) % params.channels];',
    }),
  ];
};
