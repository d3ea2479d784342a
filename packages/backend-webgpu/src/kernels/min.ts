// min(x, y): the elementwise minimum.
import { binary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

export const min: Kernel<'min'> = (_, context) => binary(context, 'min(x, y)');
