// The smaller of two, NaN if either is -> Min
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function min(node: NodeOf<'min'>, writer: Writer): void {
  writer.elementwise('Min', node);
}
