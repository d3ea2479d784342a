// x = y, false for NaN -> Equal
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function equal(node: NodeOf<'equal'>, writer: Writer): void {
  writer.elementwise('Equal', node);
}
