import type { ReadOps } from '../../node.ts';

export const reductions: ReadOps = {};
