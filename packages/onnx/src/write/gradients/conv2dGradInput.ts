// The gradient of conv2d for its input -> ConvTranspose, whose filter has the same layout as the convolution's; for 1x1
// filters on few pixels -> Gemm, since ConvTranspose reads the whole filter once per image.
// `dy: [N, K, OH, OW], w: [K, C / groups, KH, KW] -> [N, C, H, W]`
import type { NodeOf } from '@isonet/core';
import { only, two } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';
import { imagesOf, isPointwise, pixelsOf } from './pixelProducts.ts';
import { unusedRest } from './unusedRest.ts';

/** With at most this many pixels per image, one product over all images is faster. */
const FEW_PIXELS = 16;

export function conv2dGradInput(node: NodeOf<'conv2dGradInput'>, writer: Writer): void {
  const [dy, w] = two(node.inputs);
  const dx = only(node.outputs);
  const [, , height = 1, width = 1] = writer.shape(dy);
  if (isPointwise(writer.shape(w), node.attrs) && height * width <= FEW_PIXELS) {
    const [k = 1, c = 1] = writer.shape(w);
    const filter = writer.emit('Reshape', [writer.full(w), writer.int64([k, c])]);
    const pixels = writer.emit('Gemm', [pixelsOf(dy, writer), filter]);
    writer.set(dx, imagesOf(pixels, writer.shape(dx), writer));
    return;
  }
  const { strides, pads, dilations, groups } = node.attrs;
  const kernel = writer.shape(w).slice(2);
  // Rows that the stride leaves unused lie behind the last window: without them the result would be too small.
  const rest = unusedRest(writer.shape(dx), writer.shape(dy), kernel, node.attrs);
  const window = { kernel_shape: kernel, strides, pads, dilations, group: groups };
  const operands = [writer.full(dy), writer.full(w)];
  writer.set(dx, writer.emit('ConvTranspose', operands, { ...window, output_padding: rest }));
}
