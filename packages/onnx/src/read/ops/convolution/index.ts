import type { ReadOps } from '../../node.ts';
import { Conv } from './conv.ts';

export const convolution: ReadOps = { Conv };
