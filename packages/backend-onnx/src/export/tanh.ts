// Hyperbolic tangent -> Tanh
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function tanh(node: NodeOf<'tanh'>, writer: Writer): void {
  writer.elementwise('Tanh', node);
}
