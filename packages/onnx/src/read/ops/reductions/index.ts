import type { ReadOps } from '../../node.ts';
import { ArgMax, ArgMin } from './argMax.ts';
import { reduces } from './reduce.ts';

export const reductions: ReadOps = { ArgMax, ArgMin, ...reduces };
