// mul(x, y): elementwise product.
import { binary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

export const mul: Kernel<'mul'> = (_, context) => binary(context, 'x * y');
