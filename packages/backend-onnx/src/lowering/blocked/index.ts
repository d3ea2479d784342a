// The blocked lowering, for ONNX Runtime's CPU provider: activations are in the library's own layout (layout.ts), and everything else
// is written by the plain table. A kernel that does not apply falls back to the plain kernel.
import { defined } from '@isonet/core';
import type { OnnxKernels } from '@isonet/onnx/write';
import { training as plain } from '@isonet/onnx/write';
import { batchNorm } from './batchNorm.ts';
import { batchNormGrad } from './batchNormGrad.ts';
import { batchNormInference } from './batchNormInference.ts';
import { biasAdd } from './biasAdd.ts';
import { concat, slice } from './channels.ts';
import { conv2d } from './conv2d.ts';
import { conv2dGradFilter } from './conv2dGradFilter.ts';
import { conv2dGradInput } from './conv2dGradInput.ts';
import { elementwise } from './elementwise.ts';
import type { Layout } from './layout.ts';
import { maxPool2dGrad } from './maxPool2dGrad.ts';
import { avgPool2d, globalAvgPool2d, maxPool2d } from './pooling.ts';
import { reduceSum } from './reduceSum.ts';
import { relu, reluGrad } from './relu.ts';

/** Returns the kernel table for a layout. */
export function blocked(layout: Layout): OnnxKernels {
  return {
    ...plain,
    ...elementwise(layout),
    avgPool2d: avgPool2d(layout, plain.avgPool2d),
    batchNorm: batchNorm(layout),
    batchNormGrad: batchNormGrad(layout),
    batchNormInference: batchNormInference(layout, defined(plain.batchNormInference, 'batchNormInference')),
    biasAdd: biasAdd(layout, defined(plain.biasAdd, 'biasAdd')),
    concat: concat(layout, plain.concat),
    conv2d: conv2d(layout, plain.conv2d),
    conv2dGradFilter: conv2dGradFilter(layout, plain.conv2dGradFilter),
    conv2dGradInput: conv2dGradInput(layout, plain.conv2dGradInput),
    globalAvgPool2d: globalAvgPool2d(layout, defined(plain.globalAvgPool2d, 'globalAvgPool2d')),
    maxPool2d: maxPool2d(layout, plain.maxPool2d),
    maxPool2dGrad: maxPool2dGrad(layout, plain.maxPool2dGrad),
    reduceSum: reduceSum(layout, plain.reduceSum),
    relu: relu(layout),
    reluGrad: reluGrad(layout),
    slice: slice(layout, plain.slice),
  };
}
