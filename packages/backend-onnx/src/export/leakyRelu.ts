// x where it is positive, else alpha * x -> LeakyRelu
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function leakyRelu(node: NodeOf<'leakyRelu'>, writer: Writer): void {
  writer.elementwise('LeakyRelu', node, { alpha: { float: node.attrs.alpha } });
}
