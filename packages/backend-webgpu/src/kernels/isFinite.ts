// isFinite(x): neither NaN nor infinite, told by the bits: WGSL may assume that floats are never either.
import { elementwise } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

export const isFinite: Kernel<'isFinite'> = (_, context) =>
  elementwise(context, { inputs: { x: 'u32' }, outputs: [['u32', 'u32((x & 0x7f800000u) != 0x7f800000u)']] });
