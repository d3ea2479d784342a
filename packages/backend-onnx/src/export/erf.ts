// Error function -> Erf
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function erf(node: NodeOf<'erf'>, writer: Writer): void {
  writer.elementwise('Erf', node);
}
