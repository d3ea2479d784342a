import type { ReadOps } from '../../node.ts';
import { Gemm } from './gemm.ts';

export const products: ReadOps = { Gemm };
