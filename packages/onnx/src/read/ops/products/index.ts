import type { ReadOps } from '../../node.ts';
import { Gemm } from './gemm.ts';
import { MatMul } from './matMul.ts';

export const products: ReadOps = { Gemm, MatMul };
