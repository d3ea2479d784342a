// The columns of x (im2col), with one row per window of each image: a single Gather of whole blocks. An x with fewer channels than a
// block is convolved instead, with a filter that copies each tap to a separate channel.
import type { Conv2dAttrs, Pair, ValueId } from '@isonet/core';
import { float32, int32, sizeOf } from '@isonet/core';
import type { Writer } from '@isonet/onnx/write';
import { isPlanarInput } from './conv2d.ts';
import { tapFilter } from './filter.ts';
import type { Layout } from './layout.ts';
import { emitBlocked, roundUp, view } from './layout.ts';

export interface Windows extends Pick<Conv2dAttrs, 'strides' | 'pads' | 'dilations'> {
  readonly kernel: Pair;
  /** The numbers of windows, down and across. */
  readonly windows: Pair;
}

/** Columns `[N * OH * OW, ceil(C / unit) * taps * unit]`, or, for x in the graph's own layout, `[N * OH * OW, C * taps and zeros]`. */
export interface Columns {
  readonly name: string;
  /** The number of channels that are contiguous. */
  readonly unit: number;
  readonly taps: number;
  readonly isPlanar: boolean;
}

export function columnsOf(x: ValueId, windows: Windows, layout: Layout, target: Writer): Columns {
  const [, c] = target.shape4(x);
  const taps = windows.kernel[0] * windows.kernel[1];
  const isPlanar = isPlanarInput(x, layout, target);
  const unit = unitOf(c, layout);
  const { kernel, strides, pads, dilations } = windows;
  const what = `columns ${JSON.stringify([kernel, strides, pads, dilations, isPlanar ? 'planar' : unit])}`;
  const name = target.once(x, what, (writer, value) =>
    isPlanar ? convolved(value, windows, layout, writer) : gathered(value, windows, unit, layout, writer),
  );
  return { name, unit, taps, isPlanar };
}

/** Returns the number of contiguous channels: half a block if the other half of the last block would contain only zeros. */
function unitOf(channels: number, { block }: Layout): number {
  const rest = channels % block;
  return rest !== 0 && rest <= block / 2 ? block / 2 : block;
}

/** Returns the number of elements of the columns. */
export function columnsSize(
  x: ValueId,
  { kernel, windows }: Windows,
  layout: Layout,
  writer: Writer,
): number {
  const [n, c] = writer.shape4(x);
  return n * sizeOf(windows) * sizeOf(kernel) * roundUp(c, unitOf(c, layout));
}

function gathered(
  x: ValueId,
  windows: Windows,
  unit: number,
  { block, form }: Layout,
  writer: Writer,
): string {
  const [n, c, h, w] = writer.shape4(x);
  const {
    kernel: [kh, kw],
    windows: [oh, ow],
    strides,
    dilations,
    pads,
  } = windows;
  const parts = block / unit; // per block
  const count = Math.ceil(c / block) * h * w * parts;
  const place = (channel: number, row: number, column: number): number => {
    if (row < 0 || row >= h || column < 0 || column >= w) return count;
    const [first, part] = [Math.floor(channel / block), Math.floor((channel % block) / unit)];
    return ((first * h + row) * w + column) * parts + part;
  };
  const table: number[] = [];
  for (let i = 0; i < oh; i++) {
    for (let j = 0; j < ow; j++) {
      for (let channel = 0; channel < c; channel += unit) {
        for (let p = 0; p < kh; p++) {
          for (let q = 0; q < kw; q++) {
            const row = i * strides[0] + p * dilations[0] - pads[0];
            table.push(place(channel, row, j * strides[1] + q * dilations[1] - pads[1]));
          }
        }
      }
    }
  }
  const whole = view(writer, writer.inForm(x, form, 'zero'), [n, count, unit]);
  const zero = writer.constant(float32([n, 1, unit], new Float32Array(n * unit)));
  const source = table.includes(count) ? writer.emit('Concat', [whole, zero], { axis: 1 }) : whole;
  const picked = writer.emit('Gather', [source, writer.constant(int32([table.length], table))], { axis: 1 });
  return view(writer, picked, [n * oh * ow, (table.length / (oh * ow)) * unit]);
}

function convolved(x: ValueId, windows: Windows, layout: Layout, writer: Writer): string {
  const [n, c] = writer.shape4(x);
  const {
    kernel: [kh, kw],
    windows: [oh, ow],
    strides,
    pads,
    dilations,
  } = windows;
  const channels = roundUp(c * kh * kw, layout.block);
  const taps = emitBlocked(writer, 'Conv', [writer.full(x), tapFilter([c, kh, kw], layout, writer)], {
    kernel_shape: [kh, kw],
    strides,
    pads,
    dilations,
    group: 1,
  });
  const rows = [n * oh * ow, channels];
  if (channels === layout.block) return view(writer, taps, rows);
  const blocks = view(writer, taps, [n, channels / layout.block, oh * ow, layout.block]);
  return view(writer, writer.emit('Transpose', [blocks], { perm: [0, 2, 1, 3] }), rows);
}
