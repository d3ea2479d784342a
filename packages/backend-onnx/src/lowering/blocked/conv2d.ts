// Convolution, with the bias and the ReLU behind it -> the layout's Conv.
// `x: [N, C, H, W], w: [K, C, KH, KW] -> [N, K, OH, OW]`
import type { Conv2dAttrs, Node, NodeOf, ValueId } from '@isonet/core';
import type { OnnxAttrs, OnnxKernel, Writer } from '@isonet/onnx/write';
import { channelsOf, filterOf, planarFilterOf } from './filter.ts';
import type { Layout } from './layout.ts';
import { emitBlocked } from './layout.ts';

/** A convolution and what is written together with it. */
export interface Fused {
  readonly conv: NodeOf<'conv2d'>;
  readonly bias?: ValueId;
  readonly relu: boolean;
}

export const conv2d =
  (layout: Layout, plain: OnnxKernel<'conv2d'>): OnnxKernel<'conv2d'> =>
  (node, operands, writer) => {
    if (!isBlocked(node.attrs)) return plain(node, operands, writer);
    const [y] = operands.outputs;
    if (!isFusedInto(writer.soleUser(y), node, writer))
      writeConv({ conv: node, relu: false }, y, layout, writer);
  };

/** The layout's operators take one group. */
export function isBlocked({ groups }: Pick<Conv2dAttrs, 'groups'>): boolean {
  return groups === 1;
}

/** The convolution that is written with this node, its bias or its ReLU, because nothing else reads what lies between. */
export function fusedAt(node: Node, writer: Writer): Fused | undefined {
  if (node.op === 'relu') {
    const before = soleProducer(node.inputs[0], node, writer);
    if (before?.op === 'conv2d') return isBlocked(before.attrs) ? { conv: before, relu: true } : undefined;
    const biased = before && before.op === 'biasAdd' ? fusedAt(before, writer) : undefined;
    return biased && { ...biased, relu: true };
  }
  if (node.op !== 'biasAdd') return undefined;
  const [x, bias] = node.inputs;
  const conv = soleProducer(x, node, writer);
  return conv?.op === 'conv2d' && isBlocked(conv.attrs) ? { conv, bias, relu: false } : undefined;
}

/** True where a convolution is written by the node that reads its result. */
export function isFusedInto(user: Node | undefined, conv: NodeOf<'conv2d'>, writer: Writer): boolean {
  return user !== undefined && fusedAt(user, writer)?.conv === conv;
}

function soleProducer(value: ValueId, user: Node, writer: Writer): Node | undefined {
  return writer.soleUser(value) === user ? writer.producer(value) : undefined;
}

export function writeConv({ conv, bias, relu }: Fused, y: ValueId, layout: Layout, writer: Writer): void {
  const [x, w] = conv.inputs;
  const isPlanar = isPlanarInput(x, layout, writer);
  const operands = [
    isPlanar ? writer.full(x) : writer.inForm(x, layout.form, 'zero'),
    isPlanar ? planarFilterOf(w, layout, writer) : filterOf(w, layout, writer),
    ...(bias === undefined ? [] : [channelsOf(bias, layout, writer)]),
  ];
  const attrs = { ...windowAttrs(conv.attrs, writer.shape4(w)), ...(relu ? { activation: 'Relu' } : {}) };
  // Filters and bias have zeros behind the last channel, so the result has too.
  writer.setForm(y, layout.form, emitBlocked(writer, 'Conv', operands, attrs), 'zero');
}

/** The layout's Conv reads fewer channels than a block has in the graph's own layout. */
export function isPlanarInput(x: ValueId, { block, form }: Layout, writer: Writer): boolean {
  const [, channels] = writer.shape4(x);
  return channels < block && !writer.hasForm(x, form);
}

export function windowAttrs(
  { strides, pads, dilations }: Pick<Conv2dAttrs, 'strides' | 'pads' | 'dilations'>,
  [, , kh, kw]: readonly [number, number, number, number],
): OnnxAttrs {
  return { kernel_shape: [kh, kw], strides, pads, dilations, group: 1 };
}
