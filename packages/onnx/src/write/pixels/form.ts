// The form "pixels": images with the batch innermost, `[N, C, H, W]` as `[1, C, H*W, N]`. Every pixel of a channel is one row of N
// numbers, so that a table of pixels makes the columns of a convolution with one Gather, and a convolution is one matrix
// product over all images. To ONNX it looks like one image of C channels: what works channel by channel needs no change.
import type { Shape4, ValueId } from '@isonet/core';
import { shape4, sizeOf } from '@isonet/core';
import type { Form } from '../writer/forms.ts';
import type { Writer } from '../writer/writer.ts';

/** It has no room for more than the value. */
export const pixels: Form = {
  name: 'pixels',
  enter: (writer, plain, shape) => {
    const [n, c, h, w] = shape4(shape);
    const rows = writer.emit('Reshape', [plain, writer.int64([n, c * h * w])]);
    const moved = writer.emit('Transpose', [rows], { perm: [1, 0] });
    return writer.emit('Reshape', [moved, writer.int64([1, c, h * w, n])]);
  },
  leave: (writer, name, shape) => {
    const [n, c, h, w] = shape4(shape);
    const columns = writer.emit('Reshape', [name, writer.int64([c * h * w, n])]);
    const moved = writer.emit('Transpose', [columns], { perm: [1, 0] });
    return writer.emit('Reshape', [moved, writer.int64([n, c, h, w])]);
  },
};

/** The value's name in this form. */
export function pixelsOf(value: ValueId, writer: Writer): string {
  return writer.inForm(value, pixels, 'zero');
}

/** True where the value is in this form already. */
export function inPixels(value: ValueId, writer: Writer): boolean {
  return writer.hasForm(value, pixels);
}

/** Says what a value is called in this form. */
export function setPixels(value: ValueId, name: string, writer: Writer): void {
  writer.setForm(value, pixels, name, 'zero');
}

/** The dims of a value of this shape in this form. */
export function pixelDims([n, c, h, w]: Shape4): Shape4 {
  return [1, c, h * w, n];
}

/** The value with other dims, which have as many numbers. */
export function viewed(name: string, dims: readonly number[], writer: Writer): string {
  return writer.emit('Reshape', [name, writer.int64(dims)]);
}

/** Bytes of float32. */
export function bytesOf(dims: readonly number[]): number {
  return sizeOf(dims) * Float32Array.BYTES_PER_ELEMENT;
}
