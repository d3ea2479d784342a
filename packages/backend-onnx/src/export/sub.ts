// difference: x - y -> Sub
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function sub(node: NodeOf<'sub'>, writer: Writer): void {
  writer.elementwise('Sub', node);
}
