// The kernel table: one kernel per primitive. Composites have no kernels here; they run as their decompositions.
import type { HostKernelTypes, Kernels } from '@isonet/core';
import { drawUniform } from '@isonet/core';
import type { Kernel } from '../kernel.ts';
import { conv2d } from './conv2d.ts';
import { conv2dGradFilter } from './conv2dGradFilter.ts';
import { conv2dGradInput } from './conv2dGradInput.ts';
import { elementwise } from './elementwise.ts';
import { broadcast, concat, oneHot, pad, reshape, slice, transpose } from './arrays.ts';
import { matMul } from './matMul.ts';
import { avgPool2d, avgPool2dGrad, maxPool2d, maxPool2dGather, maxPool2dGrad } from './pooling.ts';
import { argMax, reduceMax, reduceSum } from './reductions.ts';

/** `random: [seed, time, first] -> shape` */
const randomUniform: Kernel<'randomUniform'> = ({ attrs }, { inputs: [random] }) =>
  Float64Array.from(drawUniform(random.data, attrs));

export const kernels: Kernels<HostKernelTypes> = {
  ...elementwise,
  argMax,
  avgPool2d,
  avgPool2dGrad,
  broadcast,
  concat,
  conv2d,
  conv2dGradFilter,
  conv2dGradInput,
  matMul,
  maxPool2d,
  maxPool2dGather,
  maxPool2dGrad,
  oneHot,
  pad,
  randomUniform,
  reduceMax,
  reduceSum,
  reshape,
  slice,
  transpose,
};
