import type { ReadOps } from '../../node.ts';
import { AveragePool } from './averagePool.ts';
import { GlobalAveragePool, GlobalMaxPool } from './globalPool.ts';
import { GlobalLpPool, LpPool } from './lpPool.ts';
import { MaxPool } from './maxPool.ts';
import { ScatterElements } from './scatterElements.ts';

export const pooling: ReadOps = {
  AveragePool,
  GlobalAveragePool,
  GlobalLpPool,
  GlobalMaxPool,
  LpPool,
  MaxPool,
  ScatterElements,
};
