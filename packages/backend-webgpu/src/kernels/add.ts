// add(x, y): elementwise sum.
import { binary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

export const add: Kernel<'add'> = (_, context) => binary(context, 'x + y');
