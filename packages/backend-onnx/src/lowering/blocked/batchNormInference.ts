// Normalization with known statistics -> fused into the preceding convolution, or a separate depthwise Conv.
// `x: [N, C, H, W], scale, bias, mean, variance: [C] -> [N, C, H, W]`
import type { OnnxKernel } from '@isonet/onnx/write';
import { fusedAt, isFusedInto, writeConv } from './conv2d.ts';
import type { Layout } from './layout.ts';
import { roundUp } from './layout.ts';
import { factorOf, normalizedBias } from './normalized.ts';
import { scaleChannels } from './perChannel.ts';

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
