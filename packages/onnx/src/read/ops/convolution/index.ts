import type { ReadOps } from '../../node.ts';
import { Conv } from './conv.ts';
import { ConvTranspose } from './convTranspose.ts';

export const convolution: ReadOps = { Conv, ConvTranspose };
