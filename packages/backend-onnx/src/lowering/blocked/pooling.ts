// Pooling -> the layout's MaxPool, AveragePool and GlobalAveragePool. `x: [N, C, H, W] -> [N, C, OH, OW]`
import type { NodeOf } from '@isonet/core';
import type { OnnxAttrs, OnnxKernel } from '@isonet/onnx/write';
import type { Layout } from './layout.ts';
import { emitBlocked } from './layout.ts';

export function maxPool2d(layout: Layout, plain: OnnxKernel<'maxPool2d'>): OnnxKernel<'maxPool2d'> {
  return pooling('MaxPool', windowOf, layout, plain);
}

export function avgPool2d(layout: Layout, plain: OnnxKernel<'avgPool2d'>): OnnxKernel<'avgPool2d'> {
  return pooling(
    'AveragePool',
    (node) => ({ ...windowOf(node), count_include_pad: Number(node.attrs.countPadding) }),
    layout,
    plain,
  );
}

export function globalAvgPool2d(
  layout: Layout,
  plain: OnnxKernel<'globalAvgPool2d'>,
): OnnxKernel<'globalAvgPool2d'> {
  return pooling('GlobalAveragePool', () => ({}), layout, plain);
}

type Pooling = 'maxPool2d' | 'avgPool2d' | 'globalAvgPool2d';

/** Creates a kernel that writes the layout's operator if the images are in the layout, and otherwise calls the plain kernel. */
function pooling<K extends Pooling>(
  opType: string,
  attrsOf: (node: NodeOf<K>) => OnnxAttrs,
  { form }: Layout,
  plain: OnnxKernel<K>,
): OnnxKernel<K> {
  return (node, operands, writer) => {
    const [[x], [y]] = [node.inputs, node.outputs];
    if (!writer.hasForm(x, form)) return plain(node, operands, writer);
    const name = emitBlocked(writer, opType, [writer.inForm(x, form, 'zero')], attrsOf(node));
    writer.setForm(y, form, name, 'zero');
  };
}

function windowOf({ attrs: { kernel, strides, pads } }: NodeOf<'maxPool2d' | 'avgPool2d'>): OnnxAttrs {
  return { kernel_shape: kernel, strides, pads, dilations: [1, 1] };
}
