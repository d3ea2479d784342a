// Convolution, fused with a following bias, normalization with known statistics and ReLU -> the layout's Conv.
// `x: [N, C, H, W], w: [K, C, KH, KW] -> [N, K, OH, OW]`
import type { Conv2dAttrs, Node, NodeOf, ValueId } from '@isonet/core';
import type { OnnxAttrs, OnnxKernel, Writer } from '@isonet/onnx/write';
import { normalizedBias, scaledFilter } from './normalized.ts';
import { channelsOf, filterOf, planarFilterOf } from './filter.ts';
import type { Layout } from './layout.ts';
import { emitBlocked, roundUp } from './layout.ts';

/** A convolution and the nodes that are fused with it. */
export interface Fused {
  readonly conv: NodeOf<'conv2d'>;
  readonly bias?: ValueId;
  readonly norm?: NodeOf<'batchNormInference'>;
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

/** Returns whether the layout's operators support the convolution: they support only one group. */
export function isBlocked({ groups }: Pick<Conv2dAttrs, 'groups'>): boolean {
  return groups === 1;
}

/** Returns the convolution that is fused with this node, if nothing else reads the values between them. */
export function fusedAt(node: Node, writer: Writer): Fused | undefined {
  switch (node.op) {
    case 'biasAdd': {
      const fused = fusedBefore(node, writer);
      const [, bias] = node.inputs;
      return fused && !fused.bias && !fused.norm ? { ...fused, bias } : undefined;
    }
    case 'batchNormInference': {
      const fused = fusedBefore(node, writer);
      return fused && !fused.norm ? { ...fused, norm: node } : undefined;
    }
    case 'relu': {
      const fused = fusedBefore(node, writer);
      return fused && { ...fused, relu: true };
    }
    default:
      return undefined;
  }
}

/** Returns the convolution that is fused with the producer of a node's first input. */
function fusedBefore(node: Node, writer: Writer): Fused | undefined {
  const [x] = node.inputs;
  if (x === undefined || writer.soleUser(x) !== node) return undefined;
  const before = writer.producer(x);
  if (before?.op === 'conv2d') return isBlocked(before.attrs) ? { conv: before, relu: false } : undefined;
  return before && before.op !== 'relu' ? fusedAt(before, writer) : undefined;
}

/** Returns whether a convolution is written by the kernel of the node that reads its result. */
export function isFusedInto(user: Node | undefined, conv: NodeOf<'conv2d'>, writer: Writer): boolean {
  return user !== undefined && fusedAt(user, writer)?.conv === conv;
}

export function writeConv(fused: Fused, y: ValueId, layout: Layout, writer: Writer): void {
  const { conv, norm, relu } = fused;
  const [x, w] = conv.inputs;
  const isPlanar = isPlanarInput(x, layout, writer);
  const [k, c, kh, kw] = writer.shape4(w);
  const filter = isPlanar ? planarFilterOf(w, layout, writer) : filterOf(w, layout, writer);
  const shape = [k, isPlanar ? c : roundUp(c, layout.block), kh, kw] as const;
  const bias = norm ? normalizedBias(fused.bias, norm, layout, writer) : biasOf(fused, layout, writer);
  const operands = [
    isPlanar ? writer.full(x) : writer.inForm(x, layout.form, 'zero'),
    norm ? scaledFilter(filter, norm, shape, layout, writer) : filter,
    ...(bias === undefined ? [] : [bias]),
  ];
  const attrs = { ...windowAttrs(conv.attrs, writer.shape4(w)), ...(relu ? { activation: 'Relu' } : {}) };
  // The filter and the bias have zeros after the last channel, so the result does, too.
  writer.setForm(y, layout.form, emitBlocked(writer, 'Conv', operands, attrs), 'zero');
}

function biasOf({ bias }: Fused, layout: Layout, writer: Writer): string | undefined {
  return bias === undefined ? undefined : channelsOf(bias, layout, writer);
}

/** Returns whether x stays in the graph's own layout. The layout's Conv reads it that way if it has fewer channels than a block. */
export function isPlanarInput(x: ValueId, { block, form }: Layout, writer: Writer): boolean {
  const [, channels] = writer.shape4(x);
  return channels < block && !writer.hasForm(x, form);
}

function windowAttrs(
  { strides, pads, dilations }: Pick<Conv2dAttrs, 'strides' | 'pads' | 'dilations'>,
  [, , kh, kw]: readonly [number, number, number, number],
): OnnxAttrs {
  return { kernel_shape: [kh, kw], strides, pads, dilations, group: 1 };
}
