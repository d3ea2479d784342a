// The training table for images in pixels, a layout that turns convolutions into matrix products. A kernel falls back
// to the plain formulation if the pixels formulation does not apply or does not pay off.
import { training } from '../training.ts';
import type { OnnxKernels } from '../writer/writer.ts';
import { avgPool2d } from './avgPool2d.ts';
import { avgPool2dGrad } from './avgPool2dGrad.ts';
import { batchNorm } from './batchNorm.ts';
import { batchNormGrad } from './batchNormGrad.ts';
import { concat, slice } from './blocks.ts';
import { batchNormInference, lrn, prelu } from './channelwise.ts';
import { biasAdd, conv2d } from './conv2d.ts';
import { conv2dGradFilter } from './conv2dGradFilter.ts';
import { conv2dGradInput } from './conv2dGradInput.ts';
import { maxPool2d } from './maxPool2d.ts';
import { maxPool2dGather } from './maxPool2dGather.ts';
import { maxPool2dGrad } from './maxPool2dGrad.ts';
import { pointwise } from './pointwise.ts';
import { globalAvgPool2d, reduceSum } from './reductions.ts';
import { reluGrad } from './reluGrad.ts';

/** Writes every op of a training graph in standard ONNX operators, optimized for CPUs. Needs static shapes. */
export const trainingPixels: OnnxKernels = {
  ...training,
  ...pointwise,
  avgPool2d,
  avgPool2dGrad,
  batchNorm,
  batchNormGrad,
  batchNormInference,
  biasAdd,
  concat,
  conv2d,
  conv2dGradFilter,
  conv2dGradInput,
  globalAvgPool2d,
  lrn,
  maxPool2d,
  maxPool2dGather,
  maxPool2dGrad,
  prelu,
  reduceSum,
  reluGrad,
  slice,
};
