// The gradient of avgPool2d -> Div by what each window divided by, and ConvTranspose with a filter of ones, every channel
// on its own. `dy: [N, C, OH, OW] -> [N, C, H, W]`
import type { AttrsOf, NodeOf, Shape, TensorOf } from '@isonet/core';
import { float32, scalar, sizeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';
import { unusedRest } from './unusedRest.ts';

export function avgPool2dGrad({ inputs, outputs, attrs }: NodeOf<'avgPool2dGrad'>, writer: Writer): void {
  const [dy, dx] = [only(inputs), only(outputs)];
  const [pooled, shape] = [writer.shape(dy), writer.shape(dx)];
  const { kernel, strides, pads } = attrs;
  const shares = writer.emit('Div', [writer.full(dy), writer.constant(counts(attrs, pooled))]);
  const planes = ([n = 1, c = 1, h = 1, w = 1]: Shape): Shape => [n * c, 1, h, w];
  const images = writer.emit('Reshape', [shares, writer.int64(planes(pooled))]);
  const ones = writer.constant(float32([1, 1, ...kernel], new Float32Array(sizeOf(kernel)).fill(1)));
  const rest = unusedRest(shape, pooled, kernel, { strides, pads, dilations: [1, 1], groups: 1 });
  const window = { kernel_shape: kernel, strides, pads, output_padding: rest };
  const spread = writer.emit('ConvTranspose', [images, ones], window);
  writer.set(dx, writer.emit('Reshape', [spread, writer.int64(shape)]));
}

/** What avgPool2d divides each window's sum by: `[]`, or `[1, 1, OH, OW]` where windows reach into padding. */
function counts(attrs: AttrsOf<'avgPool2dGrad'>, [, , oh = 1, ow = 1]: Shape): TensorOf<'float32'> {
  const { kernel, strides, pads, countPadding, inputShape } = attrs;
  if (countPadding || pads.every((n) => n === 0)) return scalar(sizeOf(kernel));
  const inside = (windows: number, axis: 0 | 1): readonly number[] =>
    Array.from({ length: windows }, (_, i) => {
      const start = i * strides[axis] - pads[axis];
      return Math.min(inputShape[axis + 2] ?? 1, start + kernel[axis]) - Math.max(0, start);
    });
  const [rows, columns] = [inside(oh, 0), inside(ow, 1)];
  return float32(
    [1, 1, oh, ow],
    rows.flatMap((row) => columns.map((column) => row * column)),
  );
}
