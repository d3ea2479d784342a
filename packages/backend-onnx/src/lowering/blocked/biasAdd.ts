// The addition of a bias per channel -> fused into the preceding Conv, or a separate depthwise Conv.
// `x: [N, C, H, W], bias: [C] -> [N, C, H, W]`
import { float32 } from '@isonet/core';
import type { OnnxKernel } from '@isonet/onnx/write';
import { fusedAt, isFusedInto, writeConv } from './conv2d.ts';
import { channelsOf } from './filter.ts';
import type { Layout } from './layout.ts';
import { roundUp } from './layout.ts';
import { scaleChannels } from './perChannel.ts';

export const biasAdd =
  (layout: Layout, plain: OnnxKernel<'biasAdd'>): OnnxKernel<'biasAdd'> =>
  (node, operands, writer) => {
    const {
      inputs: [x, bias],
      outputs: [y],
    } = operands;
    const fused = fusedAt(node, writer);
    if (fused) {
      if (!isFusedInto(writer.soleUser(y), fused.conv, writer)) writeConv(fused, y, layout, writer);
    } else if (writer.hasForm(x, layout.form)) {
      const channels = roundUp(writer.shape4(x)[1], layout.block);
      const scale = writer.constant(float32([channels], new Float32Array(channels).fill(1)));
      const shift = channelsOf(bias, layout, writer);
      const name = writer.inForm(x, layout.form, 'zero');
      writer.setForm(y, layout.form, scaleChannels(writer, name, channels, { scale, shift }), 'zero');
    } else {
      plain(node, operands, writer);
    }
  };
