// Convolution -> Conv; a bias that is added right behind it becomes Conv's third input.
// `x: [N, C, H, W], w: [K, C / groups, KH, KW] -> [N, K, OH, OW]`
import type { Node, NodeOf, ValueId } from '@isonet/core';
import { only, two } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function conv2d(node: NodeOf<'conv2d'>, writer: Writer): void {
  const y = only(node.outputs);
  const user = writer.soleUser(y);
  if (user && biasedConv(user, writer) === node) return; // biasAdd writes it
  writer.set(y, writeConv(node, undefined, writer));
}

/** The convolution before a biasAdd that is the only reader of its result. */
export function biasedConv(node: Node, writer: Writer): NodeOf<'conv2d'> | undefined {
  const [x] = node.inputs;
  if (node.op !== 'biasAdd' || x === undefined || writer.soleUser(x) !== node) return undefined;
  const producer = writer.producer(x);
  return producer?.op === 'conv2d' ? producer : undefined;
}

/** @returns the result's name */
export function writeConv(node: NodeOf<'conv2d'>, bias: ValueId | undefined, writer: Writer): string {
  const [x, w] = two(node.inputs);
  const { strides, pads, dilations, groups } = node.attrs;
  const operands = [x, w, ...(bias === undefined ? [] : [bias])].map((value) => writer.full(value));
  const kernel = writer.shape(w).slice(2);
  return writer.emit('Conv', operands, { kernel_shape: kernel, strides, pads, dilations, group: groups });
}
