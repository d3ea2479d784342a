// 1 / (1 + e^-x) -> Sigmoid
import type { NodeOf } from '@isonet/core';
import type { Writer } from '../writer/writer.ts';

export function sigmoid(node: NodeOf<'sigmoid'>, writer: Writer): void {
  writer.elementwise('Sigmoid', node);
}
