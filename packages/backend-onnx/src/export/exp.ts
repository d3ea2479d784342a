// e^x -> Exp
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function exp(node: NodeOf<'exp'>, writer: Writer): void {
  writer.elementwise('Exp', node);
}
