// Normalization in inference -> BatchNormalization, LRN
import type { OnnxKernel } from '../writer/writer.ts';

/**
 * Batch normalization with known statistics. Runtimes fuse it with a preceding convolution.
 * `x: [N, C, ...], scale, bias, mean, variance: [C] -> [N, C, ...]`
 */
export const batchNormInference: OnnxKernel<'batchNormInference'> = (
  { attrs: { epsilon } },
  { inputs, outputs: [y] },
  writer,
) => {
  const operands = inputs.map((value) => writer.full(value));
  writer.set(y, writer.emit('BatchNormalization', operands, { epsilon: { float: epsilon } }));
};

/** Local response normalization across channels. `x: [N, C, H, W] -> [N, C, H, W]` */
export const lrn: OnnxKernel<'lrn'> = ({ attrs }, { inputs: [x], outputs: [y] }, writer) => {
  const { size, alpha, beta, bias } = attrs;
  const floats = { alpha: { float: alpha }, beta: { float: beta }, bias: { float: bias } };
  writer.set(y, writer.emit('LRN', [writer.full(x)], { size, ...floats }));
};
