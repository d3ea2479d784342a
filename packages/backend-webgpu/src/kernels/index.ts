// The kernel table: all of core's primitives, and the composites that are faster as a single kernel.
import { argMax } from './argMax.ts';
import { avgPool2d } from './avgPool2d.ts';
import { avgPool2dGrad } from './avgPool2dGrad.ts';
import { biasAdd } from './biasAdd.ts';
import { broadcast } from './broadcast.ts';
import { concat } from './concat.ts';
import { conv2d } from './conv2d.ts';
import { conv2dGradFilter } from './conv2dGradFilter.ts';
import { conv2dGradInput } from './conv2dGradInput.ts';
import { elementwise } from './elementwise.ts';
import { erf } from './erf.ts';
import { gather } from './gather.ts';
import type { WgslKernels } from './kernel.ts';
import { matMul } from './matMul.ts';
import { maxPool2d } from './maxPool2d.ts';
import { maxPool2dGather } from './maxPool2dGather.ts';
import { maxPool2dGrad } from './maxPool2dGrad.ts';
import { oneHot } from './oneHot.ts';
import { pad } from './pad.ts';
import { randomUniform } from './randomUniform.ts';
import { reduceMax, reduceSum } from './reductions.ts';
import { slice } from './slice.ts';
import { tanh } from './tanh.ts';
import { transpose } from './transpose.ts';

export const kernels: WgslKernels = {
  ...elementwise,
  argMax,
  avgPool2d,
  avgPool2dGrad,
  biasAdd,
  broadcast,
  concat,
  conv2d,
  conv2dGradFilter,
  conv2dGradInput,
  erf,
  gather,
  matMul,
  maxPool2d,
  maxPool2dGather,
  maxPool2dGrad,
  oneHot,
  pad,
  randomUniform,
  reduceMax,
  reduceSum,
  slice,
  tanh,
  transpose,
};
