// Ops whose ONNX operators work per channel, or across channels per pixel, and are therefore the same in both forms.
import { batchNormInference as plainNorm, lrn as plainLrn } from '../ops/normalization.ts';
import { prelu as plainPrelu } from '../ops/prelu.ts';
import type { OnnxKernel } from '../writer/writer.ts';
import { inPixels, pixelsOf, setPixels, viewed } from './form.ts';

export const batchNormInference: OnnxKernel<'batchNormInference'> = (node, values, writer) => {
  const {
    inputs: [x, ...vectors],
    outputs: [y],
  } = values;
  if (!inPixels(x, writer)) return plainNorm(node, values, writer);
  const operands = [pixelsOf(x, writer), ...vectors.map((value) => writer.full(value))];
  const attrs = { epsilon: { float: node.attrs.epsilon } };
  setPixels(y, writer.emit('BatchNormalization', operands, attrs), writer);
};

export const lrn: OnnxKernel<'lrn'> = (node, values, writer) => {
  const {
    inputs: [x],
    outputs: [y],
  } = values;
  if (!inPixels(x, writer)) return plainLrn(node, values, writer);
  const { size, alpha, beta, bias } = node.attrs;
  const floats = { alpha: { float: alpha }, beta: { float: beta }, bias: { float: bias } };
  setPixels(y, writer.emit('LRN', [pixelsOf(x, writer)], { size, ...floats }), writer);
};

export const prelu: OnnxKernel<'prelu'> = (node, values, writer) => {
  const {
    inputs: [x, slope],
    outputs: [y],
  } = values;
  if (!inPixels(x, writer)) return plainPrelu(node, values, writer);
  const column = viewed(writer.full(slope), [-1, 1, 1], writer);
  setPixels(y, writer.emit('PRelu', [pixelsOf(x, writer), column]), writer);
};
