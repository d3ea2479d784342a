// The product of two matrices. `x: [M, K] (or [K, M]), y: [K, N] (or [N, K]) -> [M, N]`
import type { NodeOf } from '@isonet/core';
import type { Tensor2D } from '@tensorflow/tfjs';
import type { Context } from '../context.ts';
import type { DeviceTensor } from '../deviceTensor.ts';

export function matMul({ attrs }: NodeOf<'matMul'>, context: Context): DeviceTensor {
  const [x, y] = [context.input(0).full('rowMajor'), context.input(1).full('rowMajor')];
  return context.result(context.images.matMul(x as Tensor2D, y as Tensor2D, attrs));
}
