// div(x, y): elementwise quotient; WGSL allows it 2.5 ULP.
import { binary } from './elementwise.ts';
import type { Kernel } from './kernel.ts';

export const div: Kernel<'div'> = (_, context) => binary(context, 'x / y');
