// stopGradient(x): the same memory.
import type { Kernel } from './kernel.ts';

export const stopGradient: Kernel<'stopGradient'> = () => 'alias';
