// ReLU -> fused into the preceding operator, or Relu. Its gradient -> a mask of zeros and ones, and Mul.
import { scalar } from '@isonet/core';
import type { OnnxKernel } from '@isonet/onnx/write';
import { broadcastDims, elementTypes, elementwise as kernels } from '@isonet/onnx/write';
import { normalizedAt, writeBatchNorm } from './batchNorm.ts';
import { fusedAt, writeConv } from './conv2d.ts';
import type { Layout } from './layout.ts';
import { pointwise } from './pointwise.ts';

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

/** `y, dy: [...] -> [...]` */
export const reluGrad =
  (layout: Layout): OnnxKernel<'reluGrad'> =>
  (node, operands, writer) =>
    pointwise<'reluGrad'>('kept', layout, (_, { inputs: [y, dy], outputs: [dx] }, target) => {
      const [written, gradient] = [target.operand(y), target.operand(dy)];
      const isPositive = target.emit('Greater', [written.name, target.constant(scalar(0))]);
      const mask = target.emit('Cast', [isPositive], { to: elementTypes.float32 });
      const dims = broadcastDims([written.dims, gradient.dims]);
      target.set(dx, target.emit('Mul', [gradient.name, mask]), dims);
    })(node, operands, writer);
