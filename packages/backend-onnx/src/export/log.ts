// Natural logarithm -> Log
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function log(node: NodeOf<'log'>, writer: Writer): void {
  writer.elementwise('Log', node);
}
