// The canonical table writes each op as the most widely supported ONNX operator (Conv, MaxPool, Softmax, ...) of operator set 17,
// for any batch size. Inference models are exported with it. Gradients and random numbers are in training.ts.
import { batchMatMul } from './ops/batchMatMul.ts';
import { biasAdd } from './ops/biasAdd.ts';
import { concat, pad, slice } from './ops/blocks.ts';
import { conv2d } from './ops/conv2d.ts';
import { conv2dGradInput } from './ops/conv2dGradInput.ts';
import { elementwise } from './ops/elementwise.ts';
import { gather } from './ops/gather.ts';
import { dense, matMul } from './ops/gemm.ts';
import { batchNormInference, lrn } from './ops/normalization.ts';
import { oneHot } from './ops/oneHot.ts';
import { avgPool2d, globalAvgPool2d, maxPool2d } from './ops/pooling.ts';
import { prelu } from './ops/prelu.ts';
import { argMax, reduceMax, reduceSum } from './ops/reductions.ts';
import { reshape } from './ops/reshape.ts';
import { logSoftmax, softmax } from './ops/softmax.ts';
import { transpose } from './ops/transpose.ts';
import { upsampleNearest2d } from './ops/upsampleNearest2d.ts';
import type { OnnxKernels } from './writer/writer.ts';

/** Ops that occur only in training graphs. */
export type TrainingOp =
  'avgPool2dGrad' | 'conv2dGradFilter' | 'maxPool2dGather' | 'maxPool2dGrad' | 'randomUniform';

export const canonical: Omit<OnnxKernels, TrainingOp> = {
  ...elementwise,
  argMax,
  avgPool2d,
  batchMatMul,
  batchNormInference,
  biasAdd,
  concat,
  conv2d,
  conv2dGradInput,
  dense,
  gather,
  globalAvgPool2d,
  logSoftmax,
  lrn,
  matMul,
  maxPool2d,
  oneHot,
  pad,
  prelu,
  reduceMax,
  reduceSum,
  reshape,
  slice,
  softmax,
  transpose,
  upsampleNearest2d,
};
