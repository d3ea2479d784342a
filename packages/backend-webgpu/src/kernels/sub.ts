// sub(x, y): elementwise difference.
import { binary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

export const sub: Kernel<'sub'> = (_, context) => binary(context, 'x - y');
