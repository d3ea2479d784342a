// The gradient of conv2d for its input -> ConvTranspose, whose filter has the same layout as the convolution's.
// `dy: [N, K, OH, OW], w: [K, C / groups, KH, KW] -> [N, C, H, W]`
import type { NodeOf } from '@isonet/core';
import { only, two } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';
import { unusedRest } from './rest.ts';

export function conv2dGradInput(node: NodeOf<'conv2dGradInput'>, writer: Writer): void {
  const [dy, w] = two(node.inputs);
  const dx = only(node.outputs);
  const { strides, pads, dilations, groups } = node.attrs;
  const kernel = writer.shape(w).slice(2);
  // Rows that the stride leaves unused lie behind the last window: without them the result would be too small.
  const rest = unusedRest(writer.shape(dx), writer.shape(dy), kernel, node.attrs);
  const window = { kernel_shape: kernel, strides, pads, dilations, group: groups };
  const operands = [writer.full(dy), writer.full(w)];
  writer.set(dx, writer.emit('ConvTranspose', operands, { ...window, output_padding: rest }));
}
