// sum: x + y -> Add
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function add(node: NodeOf<'add'>, writer: Writer): void {
  writer.elementwise('Add', node);
}
