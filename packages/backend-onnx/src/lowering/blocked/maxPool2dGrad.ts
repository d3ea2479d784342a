// The gradient of maxPool2d, computed one axis at a time. First, each window's gradient goes to the window's first tap
// that has the maximum. Then each tap's share moves to its pixels.
// `x: [N, C, H, W], y, dy: [N, C, OH, OW] -> [N, C, H, W]`
import type { ValueId } from '@isonet/core';
import { bool, defined } from '@isonet/core';
import type { OnnxKernel, Writer } from '@isonet/onnx/write';
import { elementTypes } from '@isonet/onnx/write';
import type { Layout } from './layout.ts';
import { emitBlocked, repeatedFilter, roundUp, view } from './layout.ts';
import { depthwise } from './perChannel.ts';
import { assemble } from './phased.ts';
import type { AxisWindow, Phase } from './window.ts';
import { phasesOf } from './window.ts';

export const maxPool2dGrad =
  (layout: Layout, plain: OnnxKernel<'maxPool2dGrad'>): OnnxKernel<'maxPool2dGrad'> =>
  (node, operands, writer) => {
    const {
      inputs: [x, y, dy],
      outputs: [dx],
    } = operands;
    if (!writer.hasForm(x, layout.form)) return plain(node, operands, writer);
    const { kernel, strides, pads } = node.attrs;
    const [n, c, h, w] = writer.shape4(x);
    const [oh, ow] = writer.extent(y);
    const inLayout = (value: ValueId): string => writer.inForm(value, layout.form, 'zero');
    const down = { size: h, kernel: kernel[0], stride: strides[0], pad: pads[0], windows: oh };
    const across = { size: w, kernel: kernel[1], stride: strides[1], pad: pads[1], windows: ow };
    // The maximum of each row of a window.
    const rows = isTrivial(down)
      ? inLayout(y)
      : emitBlocked(writer, 'MaxPool', [inLayout(x)], {
          kernel_shape: [1, kernel[1]],
          strides: [1, strides[1]],
          pads: [0, pads[1], 0, pads[3]],
          dilations: [1, 1],
        });
    const images = { writer, layout, n, channels: roundUp(c, layout.block) };
    const dRows = alongAxis(images, { axis: 'down', other: ow }, down, [rows, inLayout(y), inLayout(dy)]);
    const result = alongAxis(images, { axis: 'across', other: h }, across, [inLayout(x), rows, dRows]);
    writer.setForm(dx, layout.form, result, 'zero');
  };

interface Images {
  readonly writer: Writer;
  readonly layout: Layout;
  readonly n: number;
  /** The number of channels, rounded up to whole blocks. */
  readonly channels: number;
}

function isTrivial({ kernel, stride }: AxisWindow): boolean {
  return kernel === 1 && stride === 1;
}

/** The axis of the windows, and the size of the other axis. */
interface Direction {
  readonly axis: 'down' | 'across';
  readonly other: number;
}

/** Orders two values as `[height, width]`: the value along the axis, and the value along the other axis. */
function extent({ axis }: Direction, own: number, other: number): readonly [number, number] {
  return axis === 'down' ? [own, other] : [other, own];
}

/** Writes the gradient of a pooling along one axis. */
function alongAxis(
  images: Images,
  direction: Direction,
  window: AxisWindow,
  [x, y, dy]: readonly [x: string, y: string, dy: string],
): string {
  if (isTrivial(window)) return dy;
  const { writer, layout, n, channels } = images;
  const shares = sharesOf(images, direction, window, [x, y, dy]);
  const other = { size: direction.other, kernel: 1, stride: 1, pad: 0, windows: direction.other };
  const [own, crossing] = [window, other].map((each) => ({ window: each, phases: phasesOf(each) }));
  const isDown = direction.axis === 'down';
  // Moves the share of each tap to its pixels, and adds it to the shares of the other taps.
  const part = (row: Phase, column: Phase): string | undefined => {
    const { taps, before, after } = isDown ? row : column;
    return taps.reduce<string | undefined>((sum, tap, i) => {
      const kernel = extent(direction, taps.length, 1);
      const shift = repeatedFilter(writer, layout, channels, kernel, oneAt(i, taps.length));
      const share = defined(shares[tap], `the share of tap ${tap}`);
      return depthwise(writer, [share, shift, ...(sum === undefined ? [] : ['', sum])], channels, {
        kernel,
        pads: [...extent(direction, before, 0), ...extent(direction, after, 0)],
      });
    }, undefined);
  };
  const axes = [defined(own, 'the axis'), defined(crossing, 'the other axis')] as const;
  return assemble(
    isDown ? axes : [axes[1], axes[0]],
    [n, channels, ...extent(direction, window.size, direction.other)],
    part,
    layout,
    writer,
  );
}

/**
 * Writes each tap's share of the windows' gradients: the gradients of the windows whose first maximum is at this tap.
 */
function sharesOf(
  images: Images,
  direction: Direction,
  window: AxisWindow,
  [x, y, dy]: readonly [x: string, y: string, dy: string],
): readonly string[] {
  const { writer, layout, channels } = images;
  const { size, kernel, stride, pad, windows } = window;
  const after = Math.max(0, (windows - 1) * stride + kernel - size - pad);
  let rest = dy;
  return Array.from({ length: kernel }, (_, tap) => {
    if (tap === kernel - 1) return rest;
    const taps = extent(direction, kernel, 1);
    const pick = repeatedFilter(writer, layout, channels, taps, oneAt(tap, kernel));
    const picked = depthwise(writer, [x, pick], channels, {
      kernel: taps,
      strides: extent(direction, stride, 1),
      pads: [...extent(direction, pad, 0), ...extent(direction, after, 0)],
    });
    const isMaximum = inside(images, direction, window, tap, writer.emit('Equal', [picked, y]));
    const mask = writer.emit('Cast', [isMaximum], { to: elementTypes.float32 });
    const share = writer.emit('Mul', [mask, rest]);
    rest = writer.emit('Sub', [rest, share]);
    return share;
  });
}

/** Masks windows whose tap is in the padding. The element read there is 0, which may equal the maximum. */
function inside(
  { writer, layout: { block }, n, channels }: Images,
  direction: Direction,
  { size, stride, pad, windows }: AxisWindow,
  tap: number,
  isMaximum: string,
): string {
  const isInside = Array.from({ length: windows }, (_, window) => {
    const pixel = window * stride + tap - pad;
    return pixel >= 0 && pixel < size;
  });
  if (isInside.every((is) => is)) return isMaximum;
  const [oh, ow] = extent(direction, windows, direction.other);
  const count = oh * ow * block;
  const table = Array.from({ length: count }, (_, i) => {
    const pixel = Math.floor(i / block);
    return defined(isInside[direction.axis === 'down' ? Math.floor(pixel / ow) : pixel % ow], 'a window');
  });
  const blocks = n * (channels / block);
  const operands = [view(writer, isMaximum, [blocks, count]), writer.constant(bool([1, count], table))];
  return view(writer, writer.emit('And', operands), [n, channels, oh, ow]);
}

function oneAt(at: number, length: number): readonly number[] {
  return Array.from({ length }, (_, i) => Number(i === at));
}
