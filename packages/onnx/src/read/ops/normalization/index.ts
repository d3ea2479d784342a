import type { ReadOps } from '../../node.ts';
import { BatchNormalization } from './batchNormalization.ts';
import { Dropout } from './dropout.ts';
import { GroupNormalization, InstanceNormalization } from './groupNormalization.ts';
import { LayerNormalization, RMSNormalization } from './layerNormalization.ts';
import { LpNormalization } from './lpNormalization.ts';
import { LRN } from './lrn.ts';
import { MeanVarianceNormalization } from './meanVarianceNormalization.ts';
import { Hardmax, LogSoftmax, Softmax } from './softmax.ts';

export const normalization: ReadOps = {
  BatchNormalization,
  Dropout,
  GroupNormalization,
  Hardmax,
  InstanceNormalization,
  LayerNormalization,
  LogSoftmax,
  LpNormalization,
  LRN,
  MeanVarianceNormalization,
  RMSNormalization,
  Softmax,
};
