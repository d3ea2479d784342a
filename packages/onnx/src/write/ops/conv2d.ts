// Convolution -> Conv. A bias added directly to its result becomes Conv's third input.
// `x: [N, C, H, W], w: [K, C / groups, KH, KW] -> [N, K, OH, OW]`
import type { Node, NodeOf, ValueId } from '@isonet/core';
import type { OnnxKernel, Writer } from '../writer/writer.ts';

export const conv2d: OnnxKernel<'conv2d'> = (node, { outputs: [y] }, writer) => {
  const user = writer.soleUser(y);
  if (user && biasedConv(user, writer) === node) return; // biasAdd writes it
  writer.set(y, writeConv(node, undefined, writer));
};

/** Returns the convolution before a biasAdd, if the biasAdd is the only reader of its result. */
export function biasedConv(node: Node, writer: Writer): NodeOf<'conv2d'> | undefined {
  if (node.op !== 'biasAdd') return undefined;
  const [x] = node.inputs;
  if (writer.soleUser(x) !== node) return undefined;
  const producer = writer.producer(x);
  return producer?.op === 'conv2d' ? producer : undefined;
}

/** Writes a convolution, with or without bias. @returns the result's name */
export function writeConv(
  { inputs: [x, w], attrs }: NodeOf<'conv2d'>,
  bias: ValueId | undefined,
  writer: Writer,
): string {
  const { strides, pads, dilations, groups } = attrs;
  const operands = [x, w, ...(bias === undefined ? [] : [bias])].map((value) => writer.full(value));
  const kernel = writer.shape(w).slice(2);
  return writer.emit('Conv', operands, { kernel_shape: kernel, strides, pads, dilations, group: groups });
}
