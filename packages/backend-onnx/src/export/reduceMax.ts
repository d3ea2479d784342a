// The maximum over axes, which stay with size 1 -> ReduceMax
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function reduceMax({ inputs, outputs, attrs: { axes } }: NodeOf<'reduceMax'>, writer: Writer): void {
  const x = writer.full(only(inputs));
  // Without axes ONNX reduces all of them.
  const max = axes.length === 0 ? x : writer.emit('ReduceMax', [x], { axes, keepdims: 1 });
  writer.set(only(outputs), max);
}
