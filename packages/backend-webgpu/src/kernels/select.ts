// select(condition, x, y): x where the condition holds, else y. The values are moved as bits, so NaN passes unharmed.
import { elementwise } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

export const select: Kernel<'select'> = (_, context) =>
  elementwise(context, {
    inputs: { condition: 'u32', x: 'u32', y: 'u32' },
    outputs: [['u32', 'select(y, x, condition != 0u)']],
  });
