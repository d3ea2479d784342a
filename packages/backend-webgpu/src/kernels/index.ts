// The table of kernels: core's primitives, every one, and those composites that are better done at once.
import type { Kernels } from '@isonet/core';
import { add } from './add.ts';
import { biasAdd } from './biasAdd.ts';
import { broadcast } from './broadcast.ts';
import { conv2d } from './conv2d.ts';
import { conv2dGradFilter } from './conv2dGradFilter.ts';
import { conv2dGradInput } from './conv2dGradInput.ts';
import { div } from './div.ts';
import { dropout } from './dropout.ts';
import { exp } from './exp.ts';
import { greater } from './greater.ts';
import { isFinite } from './isFinite.ts';
import type { KernelContext, Lowered } from './kernel.ts';
import { log } from './log.ts';
import { max } from './max.ts';
import { maxPool2d } from './maxPool2d.ts';
import { maxPool2dGrad } from './maxPool2dGrad.ts';
import { mul } from './mul.ts';
import { oneHot } from './oneHot.ts';
import { randomUniform } from './randomUniform.ts';
import { reduceMax } from './reduceMax.ts';
import { reduceSum } from './reduceSum.ts';
import { relu } from './relu.ts';
import { reshape } from './reshape.ts';
import { select } from './select.ts';
import { sgdMomentumUpdate } from './sgdMomentumUpdate.ts';
import { sgdUpdate } from './sgdUpdate.ts';
import { stopGradient } from './stopGradient.ts';
import { sub } from './sub.ts';

export const kernels: Kernels<KernelContext, Lowered> = {
  add,
  biasAdd,
  broadcast,
  conv2d,
  conv2dGradFilter,
  conv2dGradInput,
  div,
  dropout,
  exp,
  greater,
  isFinite,
  log,
  max,
  maxPool2d,
  maxPool2dGrad,
  mul,
  oneHot,
  randomUniform,
  reduceMax,
  reduceSum,
  relu,
  reshape,
  select,
  sgdMomentumUpdate,
  sgdUpdate,
  stopGradient,
  sub,
};
