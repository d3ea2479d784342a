// max(x, 0) -> Relu
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function relu(node: NodeOf<'relu'>, writer: Writer): void {
  writer.elementwise('Relu', node);
}
