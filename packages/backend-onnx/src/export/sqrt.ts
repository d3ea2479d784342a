// Square root -> Sqrt
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function sqrt(node: NodeOf<'sqrt'>, writer: Writer): void {
  writer.elementwise('Sqrt', node);
}
