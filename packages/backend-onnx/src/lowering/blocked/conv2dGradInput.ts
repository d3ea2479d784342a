// The gradient of conv2d for its input, and transposed convolution -> a Conv with input and output exchanged; with a stride, one per
// phase. `dy: [N, K, OH, OW], w: [K, C, KH, KW] -> [N, C, H, W]`
import type { Conv2dAttrs, Node, NodeOf, ValueId } from '@isonet/core';
import type { OnnxKernel, Writer } from '@isonet/onnx/write';
import { isBlocked } from './conv2d.ts';
import { exchangedFilterOf } from './filter.ts';
import type { Layout } from './layout.ts';
import { emitBlocked } from './layout.ts';
import type { PhasedAxis } from './phased.ts';
import { putTogether } from './phased.ts';
import { phasesOf } from './window.ts';

type GradInput = NodeOf<'conv2dGradInput'>;

export const conv2dGradInput =
  (layout: Layout, plain: OnnxKernel<'conv2dGradInput'>): OnnxKernel<'conv2dGradInput'> =>
  (node, operands, writer) => {
    if (!isWritten(node.attrs)) return plain(node, operands, writer);
    const [dx] = operands.outputs;
    const user = writer.soleUser(dx);
    if (user && summedAt(user, writer)?.convolution === node) return; // the sum writes it
    writer.setForm(dx, layout.form, writeGradInput(node, undefined, layout, writer), 'zero');
  };

function isWritten(attrs: Conv2dAttrs): boolean {
  return isBlocked(attrs) && attrs.dilations.every((n) => n === 1);
}

/** A sum that one of these convolutions writes, because nothing else reads its result; and what is added. */
export function summedAt(
  node: Node,
  writer: Writer,
): { readonly convolution: GradInput; readonly other: ValueId } | undefined {
  if (node.op !== 'add') return undefined;
  const [a, b] = node.inputs;
  return summedOf(b, a, node, writer) ?? summedOf(a, b, node, writer);
}

function summedOf(
  value: ValueId,
  other: ValueId,
  user: Node,
  writer: Writer,
): { readonly convolution: GradInput; readonly other: ValueId } | undefined {
  const producer = writer.producer(value);
  if (producer?.op !== 'conv2dGradInput' || writer.soleUser(value) !== user) return undefined;
  const isOnePhase = producer.attrs.strides.every((n) => n === 1);
  return isOnePhase && isWritten(producer.attrs) ? { convolution: producer, other } : undefined;
}

/** @param sum what is added: `[N, Cp, H, W]`; for a stride of 1 only */
export function writeGradInput(
  { inputs: [dy, w], outputs: [dx], attrs }: GradInput,
  sum: string | undefined,
  layout: Layout,
  writer: Writer,
): string {
  const [shape, [, , kh, kw]] = [writer.shape4(dx), writer.shape4(w)];
  const [oh, ow] = writer.extent(dy);
  const [, , h, wide] = shape;
  const [top, left] = attrs.pads;
  const down = axis({ size: h, kernel: kh, stride: attrs.strides[0], pad: top, windows: oh });
  const across = axis({ size: wide, kernel: kw, stride: attrs.strides[1], pad: left, windows: ow });
  const x = writer.inForm(dy, layout.form, 'zero');
  return putTogether(
    [down, across],
    shape,
    (row, column) => {
      if (row.taps.length === 0 || column.taps.length === 0) return undefined;
      const filter = exchangedFilterOf(w, [row.taps, column.taps], layout, writer);
      const operands = sum === undefined ? [x, filter] : [x, filter, '', sum];
      return emitBlocked(writer, 'Conv', operands, {
        kernel_shape: [row.taps.length, column.taps.length],
        strides: [1, 1],
        pads: [row.before, column.before, row.behind, column.behind],
        dilations: [1, 1],
        group: 1,
      });
    },
    layout,
    writer,
  );
}

function axis(window: PhasedAxis['window']): PhasedAxis {
  return { window, phases: phasesOf(window) };
}
