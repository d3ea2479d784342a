// The form "pixels": images with the batch innermost, `[N, C, H, W]` as `[1, C, H*W, N]`. Every pixel of a channel is a row of N
// values, so a single Gather with a table of pixels produces the columns of a convolution, and a convolution is one matrix product
// over all images. ONNX sees one image of C channels, so per-channel operators need no change.
import type { Shape4, ValueId } from '@isonet/core';
import { shape4, sizeOf } from '@isonet/core';
import type { Form } from '../writer/forms.ts';
import type { Writer } from '../writer/writer.ts';

/** The form, which has no padding. */
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

/** Returns the name of the value in this form. */
export function pixelsOf(value: ValueId, writer: Writer): string {
  return writer.inForm(value, pixels, 'zero');
}

/** Returns whether the value already exists in this form. */
export function inPixels(value: ValueId, writer: Writer): boolean {
  return writer.hasForm(value, pixels);
}

/** Sets the name of a value in this form. */
export function setPixels(value: ValueId, name: string, writer: Writer): void {
  writer.setForm(value, pixels, name, 'zero');
}

/** Returns the dims that a value of this shape has in this form. */
export function pixelDims([n, c, h, w]: Shape4): Shape4 {
  return [1, c, h * w, n];
}

/** Reshapes a value to other dims with the same number of elements. */
export function viewed(name: string, dims: readonly number[], writer: Writer): string {
  return writer.emit('Reshape', [name, writer.int64(dims)]);
}

/** Returns the size of a float32 tensor in bytes. */
export function bytesOf(dims: readonly number[]): number {
  return sizeOf(dims) * Float32Array.BYTES_PER_ELEMENT;
}
