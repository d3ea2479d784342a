// The gradient of conv2d for its input, and transposed convolution -> a Conv with input and output channels exchanged. With a stride,
// one Conv per phase. `dy: [N, K, OH, OW], w: [K, C, KH, KW] -> [N, C, H, W]`
import type { Conv2dAttrs, Node, NodeOf, ValueId } from '@isonet/core';
import type { OnnxKernel, Writer } from '@isonet/onnx/write';
import { isBlocked } from './conv2d.ts';
import { exchangedFilterOf } from './filter.ts';
import type { Layout } from './layout.ts';
import { emitBlocked } from './layout.ts';
import type { PhasedAxis } from './phased.ts';
import { assemble, isOnePhase } from './phased.ts';
import type { AxisWindow } from './window.ts';
import { phasesOf } from './window.ts';

type GradInput = NodeOf<'conv2dGradInput'>;

export const conv2dGradInput =
  (layout: Layout, plain: OnnxKernel<'conv2dGradInput'>): OnnxKernel<'conv2dGradInput'> =>
  (node, operands, writer) => {
    if (!isSupported(node.attrs)) return plain(node, operands, writer);
    const [dx] = operands.outputs;
    const user = writer.soleUser(dx);
    if (user && summedAt(user, writer)?.convolution === node) return; // the kernel of the sum writes it
    writer.setForm(dx, layout.form, writeGradInput(node, undefined, layout, writer), 'zero');
  };

function isSupported(attrs: Conv2dAttrs): boolean {
  return isBlocked(attrs) && attrs.dilations.every((n) => n === 1);
}

/** For a sum that can be fused into a convolution of this kind, returns that convolution and the other addend. */
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
  const isWhole = isSupported(producer.attrs) && axesOf(producer, writer).every(isOnePhase);
  return isWhole ? { convolution: producer, other } : undefined;
}

/** @param sum the other addend, `[N, Cp, H, W]`; only for stride 1 */
export function writeGradInput(
  node: GradInput,
  sum: string | undefined,
  layout: Layout,
  writer: Writer,
): string {
  const {
    inputs: [dy, w],
    outputs: [dx],
  } = node;
  const x = writer.inForm(dy, layout.form, 'zero');
  return assemble(
    axesOf(node, writer),
    writer.shape4(dx),
    (row, column) => {
      if (row.taps.length === 0 || column.taps.length === 0) return undefined;
      const filter = exchangedFilterOf(w, [row.taps, column.taps], layout, writer);
      const operands = sum === undefined ? [x, filter] : [x, filter, '', sum];
      return emitBlocked(writer, 'Conv', operands, {
        kernel_shape: [row.taps.length, column.taps.length],
        strides: [1, 1],
        pads: [row.before, column.before, row.after, column.after],
        dilations: [1, 1],
        group: 1,
      });
    },
    layout,
    writer,
  );
}

/** Returns the axes of dx with their phases. */
function axesOf(
  { inputs: [dy, w], outputs: [dx], attrs: { strides, pads } }: GradInput,
  writer: Writer,
): readonly [PhasedAxis, PhasedAxis] {
  const [[h, width], [oh, ow]] = [writer.extent(dx), writer.extent(dy)];
  const [, , kh, kw] = writer.shape4(w);
  const axis = (window: AxisWindow): PhasedAxis => ({ window, phases: phasesOf(window) });
  return [
    axis({ size: h, kernel: kh, stride: strides[0], pad: pads[0], windows: oh }),
    axis({ size: width, kernel: kw, stride: strides[1], pad: pads[1], windows: ow }),
  ];
}
