// alpha * x + beta within 0..1 -> HardSigmoid
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function hardSigmoid(node: NodeOf<'hardSigmoid'>, writer: Writer): void {
  const { alpha, beta } = node.attrs;
  writer.elementwise('HardSigmoid', node, { alpha: { float: alpha }, beta: { float: beta } });
}
