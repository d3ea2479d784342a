// ReLU -> part of the operator before it, or Relu; its gradient -> a mask of zeros and ones, and Mul
import type { OnnxKernel } from '@isonet/onnx/write';
import { broadcastDims, elementwise as kernels } from '@isonet/onnx/write';
import { normalizedAt, writeBatchNorm } from './batchNorm.ts';
import { fusedAt, writeConv } from './conv2d.ts';
import type { Layout } from './layout.ts';
import { pointwise } from './pointwise.ts';

/** A slope that takes every normal number past 1. */
const STEEP = 3e38;

export const relu =
  (layout: Layout): OnnxKernel<'relu'> =>
  (node, operands, writer) => {
    const [y] = operands.outputs;
    const convolution = fusedAt(node, writer);
    const normalization = normalizedAt(node, writer);
    if (convolution) writeConv(convolution, y, layout, writer);
    else if (normalization) writeBatchNorm(normalization, { y, relu: true }, layout, writer);
    else pointwise('kept', layout, kernels.relu)(node, operands, writer);
  };

/** `y, dy: [...] -> [...]`. Where y is subnormal the mask may lie between 0 and 1. */
export const reluGrad =
  (layout: Layout): OnnxKernel<'reluGrad'> =>
  (node, operands, writer) =>
    pointwise<'reluGrad'>('kept', layout, (_, { inputs: [y, dy], outputs: [dx] }, target) => {
      const [written, gradient] = [target.operand(y), target.operand(dy)];
      const mask = target.emit('HardSigmoid', [written.name], {
        alpha: { float: STEEP },
        beta: { float: 0 },
      });
      const dims = broadcastDims([written.dims, gradient.dims]);
      target.set(dx, target.emit('Mul', [gradient.name, mask]), dims);
    })(node, operands, writer);
