import type { ReadOps } from '../../node.ts';
import { BatchNormalization } from './batchNormalization.ts';

export const normalization: ReadOps = { BatchNormalization };
