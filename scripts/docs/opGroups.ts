// The ops grouped by purpose: the sections of the compatibility table and of the reference of ops.
import type { OpName } from '@isonet/core';
import { opNames } from '@isonet/core';

/** The titles of the groups, in display order. */
export const opGroups = [
  'Arithmetic',
  'Comparison and selection',
  'Activations',
  'Shape and type',
  'Reductions',
  'Products',
  'Convolution',
  'Pooling and upsampling',
  'Normalization',
  'Softmax and losses',
  'Random numbers',
  'Optimizer updates',
] as const;

/** A group of ops. */
export type OpGroup = (typeof opGroups)[number];

// Total over the ops: an op without a group does not compile.
const groupOf: Readonly<Record<OpName, OpGroup>> = {
  add: 'Arithmetic',
  sub: 'Arithmetic',
  mul: 'Arithmetic',
  div: 'Arithmetic',
  exp: 'Arithmetic',
  log: 'Arithmetic',
  sqrt: 'Arithmetic',
  erf: 'Arithmetic',
  stopGradient: 'Arithmetic',
  equal: 'Comparison and selection',
  greater: 'Comparison and selection',
  isFinite: 'Comparison and selection',
  min: 'Comparison and selection',
  max: 'Comparison and selection',
  clip: 'Comparison and selection',
  select: 'Comparison and selection',
  gelu: 'Activations',
  hardSigmoid: 'Activations',
  leakyRelu: 'Activations',
  prelu: 'Activations',
  relu: 'Activations',
  reluGrad: 'Activations',
  sigmoid: 'Activations',
  silu: 'Activations',
  tanh: 'Activations',
  broadcast: 'Shape and type',
  cast: 'Shape and type',
  concat: 'Shape and type',
  gather: 'Shape and type',
  oneHot: 'Shape and type',
  pad: 'Shape and type',
  reshape: 'Shape and type',
  slice: 'Shape and type',
  transpose: 'Shape and type',
  allFinite: 'Reductions',
  argMax: 'Reductions',
  globalNorm: 'Reductions',
  reduceMax: 'Reductions',
  reduceSum: 'Reductions',
  batchMatMul: 'Products',
  biasAdd: 'Products',
  dense: 'Products',
  matMul: 'Products',
  conv2d: 'Convolution',
  conv2dGradFilter: 'Convolution',
  conv2dGradInput: 'Convolution',
  avgPool2d: 'Pooling and upsampling',
  avgPool2dGrad: 'Pooling and upsampling',
  globalAvgPool2d: 'Pooling and upsampling',
  maxPool2d: 'Pooling and upsampling',
  maxPool2dGather: 'Pooling and upsampling',
  maxPool2dGrad: 'Pooling and upsampling',
  upsampleNearest2d: 'Pooling and upsampling',
  batchNorm: 'Normalization',
  batchNormGrad: 'Normalization',
  batchNormInference: 'Normalization',
  groupNorm: 'Normalization',
  layerNorm: 'Normalization',
  lrn: 'Normalization',
  logSoftmax: 'Softmax and losses',
  sigmoidCrossEntropy: 'Softmax and losses',
  softmax: 'Softmax and losses',
  softmaxCrossEntropy: 'Softmax and losses',
  dropout: 'Random numbers',
  randomUniform: 'Random numbers',
  adamUpdate: 'Optimizer updates',
  sgdMomentumUpdate: 'Optimizer updates',
  sgdUpdate: 'Optimizer updates',
};

/** Returns the ops of a group, sorted by name. */
export function opsOfGroup(group: OpGroup): readonly OpName[] {
  return opNames.filter((op) => groupOf[op] === group);
}
