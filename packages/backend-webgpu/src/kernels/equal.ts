// equal(x, y): x = y, elementwise; -0 equals 0.
import { elementwise } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

export const equal: Kernel<'equal'> = (_, context) =>
  elementwise(context, { inputs: { x: 'f32', y: 'f32' }, outputs: [['u32', 'u32(x == y)']] });
