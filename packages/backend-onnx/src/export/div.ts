// quotient: x / y -> Div
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function div(node: NodeOf<'div'>, writer: Writer): void {
  writer.elementwise('Div', node);
}
