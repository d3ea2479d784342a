import type { ReadOps } from '../../node.ts';
import { GlobalAveragePool } from './globalAveragePool.ts';
import { MaxPool } from './maxPool.ts';

export const pooling: ReadOps = { GlobalAveragePool, MaxPool };
