// The sum over axes, which stay with size 1 -> ReduceSum
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function reduceSum({ inputs, outputs, attrs: { axes } }: NodeOf<'reduceSum'>, writer: Writer): void {
  const x = writer.full(only(inputs));
  // Without axes ONNX reduces all of them.
  const sum = axes.length === 0 ? x : writer.emit('ReduceSum', [x, writer.int64(axes)], { keepdims: 1 });
  writer.set(only(outputs), sum);
}
