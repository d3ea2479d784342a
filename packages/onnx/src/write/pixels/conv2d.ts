// Convolution -> Gather for the columns, and a 1x1 Conv of them: a matrix product that can add a bias and fuse a Relu.
// `x: [N, C, H, W], w: [K, C / groups, KH, KW] -> [N, K, OH, OW]`
import type { NodeOf, ValueId } from '@isonet/core';
import { biasAdd as plainBiasAdd } from '../ops/biasAdd.ts';
import { biasedConv, conv2d as plainConv2d } from '../ops/conv2d.ts';
import type { OnnxKernel, Writer } from '../writer/writer.ts';
import type { Convolution } from './columns.ts';
import { columnsOf, isProduct } from './columns.ts';
import { inPixels, pixelsOf, setPixels, viewed } from './form.ts';

export const conv2d: OnnxKernel<'conv2d'> = (node, values, writer) => {
  const convolution = convolutionOf(node, writer);
  if (!isProduct(convolution, node.inputs[0], writer)) return plainConv2d(node, values, writer);
  const {
    outputs: [y],
  } = values;
  const user = writer.soleUser(y);
  if (user && biasedConv(user, writer) === node) return; // biasAdd writes it
  setPixels(y, product(node, convolution, undefined, writer), writer);
};

export const biasAdd: OnnxKernel<'biasAdd'> = (node, values, writer) => {
  const {
    inputs: [x, bias],
    outputs: [y],
  } = values;
  const conv = biasedConv(node, writer);
  const convolution = conv && convolutionOf(conv, writer);
  if (conv && convolution && isProduct(convolution, conv.inputs[0], writer)) {
    setPixels(y, product(conv, convolution, bias, writer), writer);
  } else if (inPixels(x, writer)) {
    const perChannel = viewed(writer.full(bias), [1, -1, 1, 1], writer);
    setPixels(y, writer.emit('Add', [pixelsOf(x, writer), perChannel]), writer);
  } else plainBiasAdd(node, values, writer);
};

function convolutionOf(
  { inputs: [x, w], outputs: [y], attrs }: NodeOf<'conv2d'>,
  writer: Writer,
): Convolution {
  return { x: writer.shape4(x), w: writer.shape4(w), y: writer.shape4(y), window: attrs };
}

function product(
  { inputs: [x, w] }: NodeOf<'conv2d'>,
  convolution: Convolution,
  bias: ValueId | undefined,
  writer: Writer,
): string {
  const [k, c, kh, kw] = convolution.w;
  const columns = columnsOf(x, convolution, 'forward', writer);
  const filter = viewed(writer.full(w), [k, c * kh * kw, 1, 1], writer);
  const operands = [columns, filter, ...(bias === undefined ? [] : [writer.full(bias)])];
  return writer.emit('Conv', operands, { kernel_shape: [1, 1] });
}
