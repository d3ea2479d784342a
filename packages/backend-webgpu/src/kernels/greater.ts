// greater(x, y): x > y, elementwise.
import { elementwise } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

export const greater: Kernel<'greater'> = (_, context) =>
  elementwise(context, { inputs: { x: 'f32', y: 'f32' }, outputs: [['u32', 'u32(x > y)']] });
