// relu(x): max(x, 0).
import { unary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

export const relu: Kernel<'relu'> = (_, context) => unary(context, 'max(x, 0.0)');
