// The table of kernels: core's primitives, every one, and those composites that are better done at once.
import type { Kernels } from '@isonet/core';
import { add } from './add.ts';
import { argMax } from './argMax.ts';
import { avgPool2d } from './avgPool2d.ts';
import { avgPool2dGrad } from './avgPool2dGrad.ts';
import { biasAdd } from './biasAdd.ts';
import { broadcast } from './broadcast.ts';
import { cast } from './cast.ts';
import { concat } from './concat.ts';
import { conv2d } from './conv2d.ts';
import { conv2dGradFilter } from './conv2dGradFilter.ts';
import { conv2dGradInput } from './conv2dGradInput.ts';
import { div } from './div.ts';
import { dropout } from './dropout.ts';
import { equal } from './equal.ts';
import { erf } from './erf.ts';
import { exp } from './exp.ts';
import { greater } from './greater.ts';
import { isFinite } from './isFinite.ts';
import type { KernelContext, Lowered } from './kernel.ts';
import { log } from './log.ts';
import { matMul } from './matMul.ts';
import { max } from './max.ts';
import { maxPool2d } from './maxPool2d.ts';
import { maxPool2dGather } from './maxPool2dGather.ts';
import { maxPool2dGrad } from './maxPool2dGrad.ts';
import { min } from './min.ts';
import { mul } from './mul.ts';
import { oneHot } from './oneHot.ts';
import { pad } from './pad.ts';
import { randomUniform } from './randomUniform.ts';
import { reduceMax } from './reduceMax.ts';
import { reduceSum } from './reduceSum.ts';
import { relu } from './relu.ts';
import { reshape } from './reshape.ts';
import { select } from './select.ts';
import { sgdMomentumUpdate } from './sgdMomentumUpdate.ts';
import { sgdUpdate } from './sgdUpdate.ts';
import { slice } from './slice.ts';
import { sqrt } from './sqrt.ts';
import { stopGradient } from './stopGradient.ts';
import { sub } from './sub.ts';
import { tanh } from './tanh.ts';
import { transpose } from './transpose.ts';

export const kernels: Kernels<KernelContext, Lowered> = {
  add,
  argMax,
  avgPool2d,
  avgPool2dGrad,
  biasAdd,
  broadcast,
  cast,
  concat,
  conv2d,
  conv2dGradFilter,
  conv2dGradInput,
  div,
  dropout,
  equal,
  erf,
  exp,
  greater,
  isFinite,
  log,
  matMul,
  max,
  maxPool2d,
  maxPool2dGather,
  maxPool2dGrad,
  min,
  mul,
  oneHot,
  pad,
  randomUniform,
  reduceMax,
  reduceSum,
  relu,
  reshape,
  select,
  sgdMomentumUpdate,
  sgdUpdate,
  slice,
  sqrt,
  stopGradient,
  sub,
  tanh,
  transpose,
};
