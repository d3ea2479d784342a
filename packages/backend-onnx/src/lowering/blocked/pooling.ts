// Pooling -> the layout's MaxPool, AveragePool and GlobalAveragePool. `x: [N, C, H, W] -> [N, C, OH, OW]`
import type { OnnxKernel } from '@isonet/onnx/write';
import type { Layout } from './layout.ts';
import { emitBlocked } from './layout.ts';

export const maxPool2d =
  (layout: Layout, plain: OnnxKernel<'maxPool2d'>): OnnxKernel<'maxPool2d'> =>
  (node, operands, writer) => {
    const {
      inputs: [x],
      outputs: [y],
    } = operands;
    if (!writer.hasForm(x, layout.form)) return plain(node, operands, writer);
    const { kernel, strides, pads } = node.attrs;
    const attrs = { kernel_shape: kernel, strides, pads, dilations: [1, 1] };
    const name = emitBlocked(writer, 'MaxPool', [writer.inForm(x, layout.form, 'zero')], attrs);
    writer.setForm(y, layout.form, name, 'zero');
  };

export const avgPool2d =
  (layout: Layout, plain: OnnxKernel<'avgPool2d'>): OnnxKernel<'avgPool2d'> =>
  (node, operands, writer) => {
    const {
      inputs: [x],
      outputs: [y],
    } = operands;
    if (!writer.hasForm(x, layout.form)) return plain(node, operands, writer);
    const { kernel, strides, pads, countPadding } = node.attrs;
    const attrs = {
      kernel_shape: kernel,
      strides,
      pads,
      dilations: [1, 1],
      count_include_pad: Number(countPadding),
    };
    const name = emitBlocked(writer, 'AveragePool', [writer.inForm(x, layout.form, 'zero')], attrs);
    writer.setForm(y, layout.form, name, 'zero');
  };

export const globalAvgPool2d =
  (layout: Layout, plain: OnnxKernel<'globalAvgPool2d'>): OnnxKernel<'globalAvgPool2d'> =>
  (node, operands, writer) => {
    const {
      inputs: [x],
      outputs: [y],
    } = operands;
    if (!writer.hasForm(x, layout.form)) return plain(node, operands, writer);
    const name = emitBlocked(writer, 'GlobalAveragePool', [writer.inForm(x, layout.form, 'zero')]);
    writer.setForm(y, layout.form, name, 'zero');
  };
