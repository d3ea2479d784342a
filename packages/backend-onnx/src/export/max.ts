// The larger of two, NaN if either is -> Max
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function max(node: NodeOf<'max'>, writer: Writer): void {
  writer.elementwise('Max', node);
}
