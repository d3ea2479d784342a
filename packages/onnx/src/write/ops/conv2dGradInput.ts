// The input gradient of conv2d, also used as a layer -> ConvTranspose, whose filter has the same layout as the convolution's. For 1x1
// filters on few pixels -> Gemm, because ConvTranspose reads the whole filter once per image.
// `dy: [N, K, OH, OW], w: [K, C / groups, KH, KW] -> [N, C, H, W]`
import { shape4 } from '@isonet/core';
import type { EmitTransposed } from '../gradients/convTranspose.ts';
import { convTranspose } from '../gradients/convTranspose.ts';
import { isPointwise, imagesOf, pixelsOf } from '../gradients/pixelProducts.ts';
import { unusedRest } from '../gradients/unusedRest.ts';
import { numbersOf } from '../writer/dims.ts';
import type { OnnxKernel } from '../writer/writer.ts';

/** With at most this many pixels per image, one product over all images is faster. */
const FEW_PIXELS = 16;

/** Creates a kernel that emits its ConvTranspose with the given function. */
export const conv2dGradInputBy =
  (emit: EmitTransposed): OnnxKernel<'conv2dGradInput'> =>
  ({ attrs }, { inputs: [dy, w], outputs: [dx] }, writer) => {
    const [height, width] = writer.extent(dy);
    const filterShape = writer.shape4(w);
    const [k, c, kh, kw] = filterShape;
    // The product has a fixed number of rows, so the number of images must be known.
    const images = numbersOf(writer.dims(dx));
    if (images && isPointwise(filterShape, attrs) && height * width <= FEW_PIXELS) {
      const filter = writer.emit('Reshape', [writer.full(w), writer.int64([k, c])]);
      const pixels = writer.emit('Gemm', [pixelsOf(dy, writer), filter]);
      writer.set(dx, imagesOf(pixels, shape4(images), writer));
      return;
    }
    const { strides, pads, dilations, groups } = attrs;
    const extent = writer.extent(dx);
    // Adds the pixels after the last window that the stride leaves unused. Without them the result would be too small.
    const rest = unusedRest(extent, [height, width], [kh, kw], attrs);
    const window = { kernel_shape: [kh, kw], strides, pads, dilations, group: groups, output_padding: rest };
    const operands = [writer.full(dy), writer.full(w)] as const;
    writer.set(dx, emit(writer, { operands, attrs: window, extent }));
  };

export const conv2dGradInput: OnnxKernel<'conv2dGradInput'> = conv2dGradInputBy(convTranspose);
