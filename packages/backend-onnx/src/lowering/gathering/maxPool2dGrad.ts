// The gradient of maxPool2d without ScatterElements, whose sums are atomic on GPUs. Every pixel checks the windows that reach it,
// always in the same order, and adds the gradients of those in which it is the maximum.
// `x: [N, C, H, W], y, dy: [N, C, OH, OW] -> [N, C, H, W]`
import type { MaxPool2dAttrs, Pair } from '@isonet/core';
import { scalar } from '@isonet/core';
import type { OnnxKernel } from '@isonet/onnx/write';

export const maxPool2dGrad: OnnxKernel<'maxPool2dGrad'> = (
  { attrs },
  { inputs: [x, , dy], outputs: [dx] },
  writer,
) => {
  const [n, c, h, w] = writer.shape4(x);
  const [, , oh, ow] = writer.shape4(dy);
  const rows = (name: string, size: number): string =>
    writer.emit('Reshape', [name, writer.int64([n * c, size])]);
  const { kernel, strides, pads } = attrs;
  const window = { kernel_shape: kernel, strides, pads };
  const [, found] = writer.emitTwo('MaxPool', [writer.full(x)], window);
  // MaxPool's indices run through all images and channels. Here they are relative to one channel of one image.
  const starts = Array.from({ length: n * c }, (_, plane) => plane * h * w);
  const column = writer.emit('Reshape', [writer.int64(starts), writer.int64([n * c, 1])]);
  const places = writer.emit('Sub', [rows(found, oh * ow), column]);
  const gradients = rows(writer.full(dy), oh * ow);
  const pixels = writer.int64(Array.from({ length: h * w }, (_, pixel) => pixel));
  const zero = writer.constant(scalar(0));

  const terms = windowTables([h, w], [oh, ow], attrs).map((table) => {
    const indices = writer.int64(table);
    const place = writer.emit('Gather', [places, indices], { axis: 1 });
    const isMaximum = writer.emit('Equal', [place, pixels]);
    const gradient = writer.emit('Gather', [gradients, indices], { axis: 1 });
    return writer.emit('Where', [isMaximum, gradient, zero]);
  });
  const sum = terms.reduce((total, term) => writer.emit('Add', [total, term]));
  writer.set(dx, writer.emit('Reshape', [sum, writer.int64([n, c, h, w])]));
};

/**
 * Returns tables of one window per pixel: table k has the k-th window that reaches the pixel. If fewer windows reach a
 * pixel, its entry is a window that does not reach it, so the pixel cannot be that window's maximum. Such a window
 * always exists, because more windows reach some other pixel.
 */
function windowTables(image: Pair, windows: Pair, attrs: MaxPool2dAttrs): readonly (readonly number[])[] {
  const rows = Array.from({ length: image[0] }, (_, at) => reaching(at, windows[0], attrs, 0));
  const columns = Array.from({ length: image[1] }, (_, at) => reaching(at, windows[1], attrs, 1));
  const perPixel = rows.flatMap((down) =>
    columns.map((across) => down.flatMap((row) => across.map((column) => row * windows[1] + column))),
  );
  const most = Math.max(1, ...perPixel.map(({ length }) => length));
  return Array.from({ length: most }, (_, k) =>
    perPixel.map((list) => list[k] ?? firstAbsent(new Set(list))),
  );
}

/** Returns the windows along one axis that reach a pixel, in ascending order. */
function reaching(
  pixel: number,
  windows: number,
  { kernel, strides, pads }: MaxPool2dAttrs,
  axis: 0 | 1,
): readonly number[] {
  const place = pixel + pads[axis]; // in the padded image
  return Array.from({ length: windows }, (_, i) => i).filter((i) => {
    const start = i * strides[axis];
    return start <= place && place < start + kernel[axis];
  });
}

function firstAbsent(list: ReadonlySet<number>): number {
  let window = 0;
  while (list.has(window)) window++;
  return window;
}
