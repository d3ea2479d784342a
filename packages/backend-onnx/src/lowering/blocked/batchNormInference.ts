// Normalization by known statistics, as part of the convolution before it: its filter scaled, its bias moved. Where the weights are
// constants, so are these, and the library computes them once.
import type { NodeOf, Shape4, ValueId } from '@isonet/core';
import type { OnnxKernel, Writer } from '@isonet/onnx/write';
import { deviationOf } from './batchNorm.ts';
import { fusedAt, isFusedInto, writeConv } from './conv2d.ts';
import { channelsOf } from './filter.ts';
import type { Layout } from './layout.ts';
import { roundUp, view } from './layout.ts';
import { scaleChannels } from './perChannel.ts';

type Norm = NodeOf<'batchNormInference'>;

export const batchNormInference =
  (layout: Layout, plain: OnnxKernel<'batchNormInference'>): OnnxKernel<'batchNormInference'> =>
  (node, operands, writer) => {
    const {
      inputs: [x],
      outputs: [y],
    } = operands;
    const fused = fusedAt(node, writer);
    if (fused) {
      if (!isFusedInto(writer.soleUser(y), fused.conv, writer)) writeConv(fused, y, layout, writer);
    } else if (writer.hasForm(x, layout.form)) {
      const name = writer.inForm(x, layout.form, 'zero');
      const scale = factorOf(node, layout, writer);
      const shift = normalizedBias(undefined, node, layout, writer);
      const channels = roundUp(writer.shape4(x)[1], layout.block);
      writer.setForm(y, layout.form, scaleChannels(writer, name, channels, { scale, shift }), 'zero');
    } else {
      plain(node, operands, writer);
    }
  };

/** `scale / sqrt(variance + epsilon)`. `-> [Kp]` */
function factorOf({ inputs, attrs }: Norm, layout: Layout, writer: Writer): string {
  const [, scale, , , variance] = inputs;
  const spread = deviationOf(variance, attrs.epsilon, layout, writer);
  return writer.emit('Div', [channelsOf(scale, layout, writer), spread]);
}

/** `bias + (x - mean) * factor` of x = the bias of what is normalized, which is 0 where there is none. `-> [Kp]` */
export function normalizedBias(
  before: ValueId | undefined,
  norm: Norm,
  layout: Layout,
  writer: Writer,
): string {
  const [, , bias, mean] = norm.inputs;
  const means = channelsOf(mean, layout, writer);
  const start =
    before === undefined
      ? writer.emit('Neg', [means])
      : writer.emit('Sub', [channelsOf(before, layout, writer), means]);
  const moved = writer.emit('Mul', [start, factorOf(norm, layout, writer)]);
  return writer.emit('Add', [channelsOf(bias, layout, writer), moved]);
}

/** A filter in blocks, each output channel times its factor. `filter: [Kb, ..., B] under any shape -> the same` */
export function scaledFilter(
  filter: string,
  norm: Norm,
  [k, ...others]: Shape4,
  { block, form }: Layout,
  writer: Writer,
): string {
  const blocks = Math.ceil(k / block);
  const factor = view(writer, factorOf(norm, { block, form }, writer), [blocks, 1, block]);
  const scaled = writer.emit('Mul', [view(writer, filter, [blocks, -1, block]), factor]);
  return view(writer, scaled, [blocks * block, ...others]);
}
