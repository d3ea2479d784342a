// The table of kernels: how each op is written in ONNX's standard operators, operator set 17. Composites that are not here
// are decomposed first.
import type { Kernels } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';
import { add } from './add.ts';
import { argMax } from './argMax.ts';
import { avgPool2d } from './avgPool2d.ts';
import { avgPool2dGrad } from './avgPool2dGrad.ts';
import { batchNormInference } from './batchNormInference.ts';
import { biasAdd } from './biasAdd.ts';
import { broadcast } from './broadcast.ts';
import { cast } from './cast.ts';
import { clip } from './clip.ts';
import { concat } from './concat.ts';
import { conv2d } from './conv2d.ts';
import { conv2dGradFilter } from './conv2dGradFilter.ts';
import { conv2dGradInput } from './conv2dGradInput.ts';
import { dense } from './dense.ts';
import { div } from './div.ts';
import { equal } from './equal.ts';
import { erf } from './erf.ts';
import { exp } from './exp.ts';
import { globalAvgPool2d } from './globalAvgPool2d.ts';
import { greater } from './greater.ts';
import { hardSigmoid } from './hardSigmoid.ts';
import { isFinite } from './isFinite.ts';
import { leakyRelu } from './leakyRelu.ts';
import { log } from './log.ts';
import { logSoftmax } from './logSoftmax.ts';
import { lrn } from './lrn.ts';
import { matMul } from './matMul.ts';
import { max } from './max.ts';
import { maxPool2d } from './maxPool2d.ts';
import { maxPool2dGather } from './maxPool2dGather.ts';
import { maxPool2dGrad } from './maxPool2dGrad.ts';
import { min } from './min.ts';
import { mul } from './mul.ts';
import { oneHot } from './oneHot.ts';
import { pad } from './pad.ts';
import { prelu } from './prelu.ts';
import { randomUniform } from './randomUniform.ts';
import { reduceMax } from './reduceMax.ts';
import { reduceSum } from './reduceSum.ts';
import { relu } from './relu.ts';
import { reshape } from './reshape.ts';
import { select } from './select.ts';
import { sigmoid } from './sigmoid.ts';
import { slice } from './slice.ts';
import { softmax } from './softmax.ts';
import { sqrt } from './sqrt.ts';
import { stopGradient } from './stopGradient.ts';
import { sub } from './sub.ts';
import { tanh } from './tanh.ts';
import { transpose } from './transpose.ts';

export type OnnxKernels = Kernels<Writer, void>;

export const kernels: OnnxKernels = {
  add,
  argMax,
  avgPool2d,
  avgPool2dGrad,
  batchNormInference,
  biasAdd,
  broadcast,
  cast,
  clip,
  concat,
  conv2d,
  conv2dGradFilter,
  conv2dGradInput,
  dense,
  div,
  equal,
  erf,
  exp,
  globalAvgPool2d,
  greater,
  hardSigmoid,
  isFinite,
  leakyRelu,
  log,
  logSoftmax,
  lrn,
  matMul,
  max,
  maxPool2d,
  maxPool2dGather,
  maxPool2dGrad,
  min,
  mul,
  oneHot,
  pad,
  prelu,
  randomUniform,
  reduceMax,
  reduceSum,
  relu,
  reshape,
  select,
  sigmoid,
  slice,
  softmax,
  sqrt,
  stopGradient,
  sub,
  tanh,
  transpose,
};
