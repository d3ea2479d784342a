// Concatenation and slices of channels -> Concat and Slice of whole blocks, if the boundaries are between blocks.
import { shape4 } from '@isonet/core';
import type { OnnxKernel } from '@isonet/onnx/write';
import type { Layout } from './layout.ts';

const CHANNELS = 1;

export const concat =
  (layout: Layout, plain: OnnxKernel<'concat'>): OnnxKernel<'concat'> =>
  (node, operands, writer) => {
    const {
      inputs,
      outputs: [y],
    } = operands;
    const { axis } = node.attrs;
    const fits =
      writer.dims(y).length === 4 &&
      inputs.some((value) => writer.hasForm(value, layout.form)) &&
      inputs.every((value) => axis !== CHANNELS || writer.shape4(value)[CHANNELS] % layout.block === 0) &&
      (axis === 0 || axis === CHANNELS) &&
      inputs.length > 1;
    if (!fits) return plain(node, operands, writer);
    const parts = inputs.map((value) => writer.inForm(value, layout.form, 'zero'));
    writer.setForm(y, layout.form, writer.emit('Concat', parts, { axis }), 'zero');
  };

export const slice =
  (layout: Layout, plain: OnnxKernel<'slice'>): OnnxKernel<'slice'> =>
  (node, operands, writer) => {
    const {
      inputs: [x],
      outputs: [y],
    } = operands;
    if (!writer.hasForm(x, layout.form)) return plain(node, operands, writer);
    const [whole, part, starts] = [writer.shape4(x), writer.shape4(y), shape4(node.attrs.starts)];
    const first = starts[CHANNELS];
    const end = first + part[CHANNELS];
    const isBetweenBlocks =
      first % layout.block === 0 && (end % layout.block === 0 || end === whole[CHANNELS]);
    const isChannelsOnly = whole.every((size, axis) => axis === CHANNELS || size === part[axis]);
    if (!isBetweenBlocks || !isChannelsOnly) return plain(node, operands, writer);
    const bounds = [first, Math.ceil(end / layout.block) * layout.block, CHANNELS].map((at) =>
      writer.int64([at]),
    );
    const name = writer.emit('Slice', [writer.inForm(x, layout.form, 'zero'), ...bounds]);
    writer.setForm(y, layout.form, name, 'zero');
  };
