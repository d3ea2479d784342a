// exp(x): elementwise e^x; WGSL allows it 3 + 2 |x| ULP.
import { unary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

export const exp: Kernel<'exp'> = (_, context) => unary(context, 'exp(x)');
