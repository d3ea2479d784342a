// sqrt(x): the elementwise square root; WGSL allows it what 1 / inverseSqrt(x) loses, 4.5 ULP.
import { unary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

export const sqrt: Kernel<'sqrt'> = (_, context) => unary(context, 'sqrt(x)');
