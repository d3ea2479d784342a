// x where the condition holds, else y -> Where. (Multiplying by the condition would be faster and let NaN through.)
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function select(node: NodeOf<'select'>, writer: Writer): void {
  writer.elementwise('Where', node);
}
