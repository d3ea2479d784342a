// The table of kernels: one per primitive, and the composites that TensorFlow.js has in one op.
import type { Kernels } from '@isonet/core';
import type { Context } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';
import { add } from './add.ts';
import { biasAdd } from './biasAdd.ts';
import { broadcast } from './broadcast.ts';
import { conv2d } from './conv2d.ts';
import { conv2dGradFilter } from './conv2dGradFilter.ts';
import { conv2dGradInput } from './conv2dGradInput.ts';
import { div } from './div.ts';
import { exp } from './exp.ts';
import { greater } from './greater.ts';
import { isFinite } from './isFinite.ts';
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
import { stopGradient } from './stopGradient.ts';
import { sub } from './sub.ts';

export const kernels: Kernels<Context, DeviceTensor> = {
  add,
  biasAdd,
  broadcast,
  conv2d,
  conv2dGradFilter,
  conv2dGradInput,
  div,
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
  stopGradient,
  sub,
};
