// dropout(x, uniform): 0 where uniform < rate, else x / (1 - rate).
import { elementwise } from './elementwise.ts';
import type { Kernel } from './kernel.ts';
import { f32 } from './kernel.ts';

export const dropout: Kernel<'dropout'> = ({ attrs: { rate } }, context) =>
  elementwise(context, {
    inputs: { x: 'f32', u: 'f32' },
    outputs: [['f32', 'select(x * params.scale, 0.0, u < params.rate)']],
    params: { rate: f32(rate), scale: f32(1 / (1 - rate)) },
  });
