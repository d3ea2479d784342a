// Blocks of channels: joined -> Concat, sliced -> Slice
import { concat as plainConcat, slice as plainSlice } from '../ops/blocks.ts';
import type { OnnxKernel } from '../writer/writer.ts';
import { inPixels, pixelsOf, setPixels } from './form.ts';

export const concat: OnnxKernel<'concat'> = (node, values, writer) => {
  const {
    inputs,
    outputs: [y],
  } = values;
  const joined = node.attrs.axis === 1 && inputs.some((x) => inPixels(x, writer));
  if (!joined) return plainConcat(node, values, writer);
  const parts = inputs.map((x) => pixelsOf(x, writer));
  setPixels(y, writer.emit('Concat', parts, { axis: 1 }), writer);
};

export const slice: OnnxKernel<'slice'> = (node, values, writer) => {
  const {
    inputs: [x],
    outputs: [y],
  } = values;
  const [from, to] = [writer.shape(x), writer.shape(y)];
  const onlyChannels = from.every((size, axis) => axis === 1 || size === to[axis]);
  if (!inPixels(x, writer) || !onlyChannels) return plainSlice(node, values, writer);
  const [, start = 0] = node.attrs.starts;
  const [, channels] = writer.shape4(y);
  const bounds = [[start], [start + channels], [1]].map((list) => writer.int64(list));
  setPixels(y, writer.emit('Slice', [pixelsOf(x, writer), ...bounds]), writer);
};
