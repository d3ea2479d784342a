// reshape(x): the same memory under another shape.
import type { Kernel } from './kernel.ts';

export const reshape: Kernel<'reshape'> = () => 'alias';
