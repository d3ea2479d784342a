// The filter gradient of conv2d -> one matrix product with the columns of the convolution, which are gathered again.
// `x: [N, C, H, W], dy: [N, K, OH, OW] -> [K, C / groups, KH, KW]`
import { shape4, sizeOf } from '@isonet/core';
import { conv2dGradFilter as plain } from '../gradients/conv2dGradFilter.ts';
import type { OnnxKernel } from '../writer/writer.ts';
import { columnsOf, isProduct } from './columns.ts';
import { pixelsOf, viewed } from './form.ts';

export const conv2dGradFilter: OnnxKernel<'conv2dGradFilter'> = (node, values, writer) => {
  const {
    inputs: [x, dy],
    outputs: [dw],
  } = values;
  const filterShape = shape4(node.attrs.filterShape);
  const convolution = { x: writer.shape4(x), w: filterShape, y: writer.shape4(dy), window: node.attrs };
  if (!isProduct(convolution, x, writer)) return plain(node, values, writer);
  const [k, ...taps] = filterShape;
  const [rows, [n, , oh, ow]] = [sizeOf(taps), convolution.y];
  const positions = n * oh * ow;
  const columns = viewed(columnsOf(x, convolution, 'backward', writer), [rows, positions], writer);
  const gradient = viewed(pixelsOf(dy, writer), [k, positions], writer);
  // A product with more rows than columns is faster.
  const product =
    rows > k
      ? writer.emit('Transpose', [writer.emit('Gemm', [columns, gradient], { transB: 1 })], { perm: [1, 0] })
      : writer.emit('Gemm', [gradient, columns], { transB: 1 });
  writer.set(dw, viewed(product, filterShape, writer));
};
