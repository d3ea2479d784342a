// log(x): elementwise natural logarithm; WGSL allows it 3 ULP, and an absolute 2^-21 between 0.5 and 2.
import { unary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

export const log: Kernel<'log'> = (_, context) => unary(context, 'log(x)');
