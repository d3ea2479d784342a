// The gradient of avgPool2d -> Div by each window's divisor, then ConvTranspose with a filter of ones, channel by channel.
// `dy: [N, C, OH, OW] -> [N, C, H, W]`
import type { AttrsOf, Shape4, TensorOf } from '@isonet/core';
import { float32, scalar, shape4, sizeOf } from '@isonet/core';
import type { OnnxKernel } from '../writer/writer.ts';
import type { EmitTransposed } from './convTranspose.ts';
import { convTranspose } from './convTranspose.ts';
import { unusedRest } from './unusedRest.ts';

/** Creates a kernel that emits its ConvTranspose with the given function. */
export const avgPool2dGradBy =
  (emit: EmitTransposed): OnnxKernel<'avgPool2dGrad'> =>
  ({ attrs }, { inputs: [dy], outputs: [dx] }, writer) => {
    const [pooled, shape] = [writer.shape4(dy), writer.shape4(dx)];
    const { kernel, strides, pads } = attrs;
    const shares = writer.emit('Div', [writer.full(dy), writer.constant(counts(attrs, pooled))]);
    const [n, c, oh, ow] = pooled;
    const planes = writer.emit('Reshape', [shares, writer.int64([n * c, 1, oh, ow])]);
    const ones = writer.constant(float32([1, 1, ...kernel], new Float32Array(sizeOf(kernel)).fill(1)));
    const extent = writer.extent(dx);
    const rest = unusedRest(extent, [oh, ow], kernel, { strides, pads, dilations: [1, 1] });
    const window = { kernel_shape: kernel, strides, pads, output_padding: rest };
    const spread = emit(writer, { operands: [planes, ones], attrs: window, extent });
    writer.set(dx, writer.emit('Reshape', [spread, writer.int64(shape)]));
  };

export const avgPool2dGrad: OnnxKernel<'avgPool2dGrad'> = avgPool2dGradBy(convTranspose);

/** Returns the divisor of each window's sum in avgPool2d: `[]`, or `[1, 1, OH, OW]` if windows extend into padding. */
export function counts(attrs: AttrsOf<'avgPool2dGrad'>, [, , oh, ow]: Shape4): TensorOf<'float32'> {
  const { kernel, strides, pads, countPadding } = attrs;
  if (countPadding || pads.every((n) => n === 0)) return scalar(sizeOf(kernel));
  const [, , h, w] = shape4(attrs.inputShape);
  const inside = (windows: number, size: number, axis: 0 | 1): readonly number[] =>
    Array.from({ length: windows }, (_, i) => {
      const start = i * strides[axis] - pads[axis];
      return Math.min(size, start + kernel[axis]) - Math.max(0, start);
    });
  const [rows, columns] = [inside(oh, h, 0), inside(ow, w, 1)];
  return float32(
    [1, 1, oh, ow],
    rows.flatMap((row) => columns.map((column) => row * column)),
  );
}
