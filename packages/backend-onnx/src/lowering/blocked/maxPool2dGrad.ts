// The gradient of maxPool2d -> along one axis after the other; the first maximum of a window takes its gradient.
import type { ValueId } from '@isonet/core';
import { scalar } from '@isonet/core';
import type { OnnxKernel, Writer } from '@isonet/onnx/write';
import type { Layout } from './layout.ts';
import { emitBlocked, roundUp, sameForEach, view } from './layout.ts';
import { depthwise } from './perChannel.ts';
import type { PhasedAxis } from './phased.ts';
import { putTogether } from './phased.ts';
import { phasesOf } from './window.ts';

/** Less than every number that a maximum may be. */
const LOWEST = -3.4028234663852886e38;

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
    const channels = roundUp(c, layout.block);
    const name = (value: ValueId): string => writer.inForm(value, layout.form, 'zero');
    // The maxima of each row's part of a window.
    const rows =
      kernel[0] === 1 && strides[0] === 1
        ? name(y)
        : emitBlocked(writer, 'MaxPool', [name(x)], {
            kernel_shape: [1, kernel[1]],
            strides: [1, strides[1]],
            pads: [0, pads[1], 0, pads[3]],
            dilations: [1, 1],
          });
    const across = { size: w, kernel: kernel[1], stride: strides[1], pad: pads[1], windows: ow };
    const down = { size: h, kernel: kernel[0], stride: strides[0], pad: pads[0], windows: oh };
    const dRows = alongAxis(writer, layout, {
      axis: 0,
      window: down,
      behind: pads[2],
      other: ow,
      images: n,
      channels,
      x: rows,
      y: name(y),
      dy: name(dy),
    });
    const result = alongAxis(writer, layout, {
      axis: 1,
      window: across,
      behind: pads[3],
      other: h,
      images: n,
      channels,
      x: name(x),
      y: rows,
      dy: dRows,
    });
    writer.setForm(dx, layout.form, result, 'zero');
  };

interface Along {
  /** 0: down, 1: across. */
  readonly axis: 0 | 1;
  readonly window: PhasedAxis['window'];
  /** Padding behind the last pixel. */
  readonly behind: number;
  /** The size of the other axis. */
  readonly other: number;
  readonly images: number;
  readonly channels: number;
  readonly x: string;
  readonly y: string;
  readonly dy: string;
}

function alongAxis(writer: Writer, layout: Layout, along: Along): string {
  const { axis, window, images, channels, other } = along;
  const { kernel, stride, size } = window;
  if (kernel === 1 && stride === 1) return along.dy;
  const pair = <T>(own: T, cross: T): readonly [T, T] => (axis === 0 ? [own, cross] : [cross, own]);
  const [extent, strides] = [pair(kernel, 1), pair(stride, 1)];
  const x = padded(writer, layout, along);

  let rest = along.dy;
  const taken = Array.from({ length: kernel }, (_, tap) => {
    if (tap === kernel - 1) return rest;
    const minus = sameForEach(writer, layout, channels, extent, oneAt(tap, kernel, -1));
    const mask = emitBlocked(writer, 'Conv', [x, minus, '', along.y], {
      kernel_shape: extent,
      strides,
      pads: [0, 0, 0, 0],
      dilations: [1, 1],
      group: channels,
      activation: 'HardSigmoid',
      activation_params: { floats: [-3e38, 1] },
    });
    const part = writer.emit('Mul', [mask, rest]);
    rest = writer.emit('Sub', [rest, part]);
    return part;
  });

  const own: PhasedAxis = { window, phases: phasesOf(window) };
  const cross = { size: other, kernel: 1, stride: 1, pad: 0, windows: other };
  const axes = pair(own, { window: cross, phases: phasesOf(cross) });
  const [h, w] = pair(size, other);
  return putTogether(
    axes,
    [images, channels, h, w],
    (...phases) => {
      const phase = phases[axis];
      if (phase.taps.length === 0) return undefined;
      // The tap's share moved to where its pixels are, on top of the others'.
      return phase.taps.reduce<string | undefined>((sum, tap, i) => {
        const share = taken[tap];
        if (share === undefined) throw writer.refuse(`has no tap ${tap}`);
        const shift = sameForEach(
          writer,
          layout,
          channels,
          pair(phase.taps.length, 1),
          oneAt(i, phase.taps.length, 1),
        );
        const [top, left] = pair(phase.before, 0);
        const [bottom, right] = pair(phase.behind, 0);
        const operands = [share, shift, ...(sum === undefined ? [] : ['', sum])];
        return depthwise(writer, operands, channels, {
          kernel: pair(phase.taps.length, 1),
          pads: [top, left, bottom, right],
        });
      }, undefined);
    },
    layout,
    writer,
  );
}

function oneAt(at: number, length: number, value: number): readonly number[] {
  return Array.from({ length }, (_, i) => (i === at ? value : 0));
}

/** x with its padding, less than everything else. */
function padded(
  writer: Writer,
  { block }: Layout,
  { axis, window, behind, other, images, channels, x }: Along,
): string {
  const { pad, size } = window;
  if (pad === 0 && behind === 0) return x;
  const blocks = images * (channels / block);
  const shape = axis === 0 ? [blocks, size, other * block] : [blocks * other, size, block];
  const before = [0, pad, 0];
  const after = [0, behind, 0];
  const whole = writer.emit('Pad', [
    view(writer, x, shape),
    writer.int64([...before, ...after]),
    writer.constant(scalar(LOWEST)),
  ]);
  const long = size + pad + behind;
  return view(writer, whole, axis === 0 ? [images, channels, long, other] : [images, channels, other, long]);
}
