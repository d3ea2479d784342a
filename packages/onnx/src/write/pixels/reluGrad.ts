// The gradient of relu -> dy where y is positive, 0 elsewhere. If a max pooling follows, its gradient is masked before
// it is spread: a window's maximum is positive if and only if the pixel that receives its gradient is.
// `y: [...], dy: [...] -> [...]`
import { scalar } from '@isonet/core';
import { broadcastDims } from '../writer/dims.ts';
import { elementTypes } from '../writer/encode.ts';
import type { PointwiseWriter } from '../writer/pointwise.ts';
import type { OnnxKernel } from '../writer/writer.ts';
import { pixelsOf, setPixels } from './form.ts';
import { maxPoolGradient, pooledRelu } from './maxPool2dGrad.ts';
import { targetFor } from './pointwise.ts';

export const reluGrad: OnnxKernel<'reluGrad'> = (node, { inputs: [y, dy], outputs: [dx] }, writer) => {
  const pool = pooledRelu(node, writer);
  if (pool) {
    const [, maxima, gradient] = pool.inputs;
    const masked = mask(pixelsOf(maxima, writer), pixelsOf(gradient, writer), writer);
    setPixels(dx, maxPoolGradient(pool, masked, writer), writer);
    return;
  }
  const target = targetFor([y, dy], writer);
  const [positive, from] = [target.operand(y), target.operand(dy)];
  const dims = broadcastDims([positive.dims, from.dims]);
  target.set(dx, mask(positive.name, from.name, target), dims);
};

/** Multiplies by 0 or 1, which is twice as fast as Where, but a nonfinite gradient leaves NaN where y is not positive. */
function mask(y: string, dy: string, writer: PointwiseWriter): string {
  const isPositive = writer.emit('Greater', [y, writer.constant(scalar(0))]);
  return writer.emit('Mul', [dy, writer.emit('Cast', [isPositive], { to: elementTypes.float32 })]);
}
