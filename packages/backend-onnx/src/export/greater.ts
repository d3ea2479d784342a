// x > y, false for NaN -> Greater
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function greater(node: NodeOf<'greater'>, writer: Writer): void {
  writer.elementwise('Greater', node);
}
