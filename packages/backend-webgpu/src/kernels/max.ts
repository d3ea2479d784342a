// max(x, y): the elementwise maximum.
import { binary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

export const max: Kernel<'max'> = (_, context) => binary(context, 'max(x, y)');
