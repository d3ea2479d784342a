// product: x add.ts div.ts y -> Mul
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function mul(node: NodeOf<'mul'>, writer: Writer): void {
  writer.elementwise('Mul', node);
}
