// Reductions; the reduced axes keep size 1.
import type { NodeOf } from '@isonet/core';
import { elementTypes } from '../writer/encode.ts';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

/** The sum over axes -> ReduceSum */
export function reduceSum({ inputs, outputs, attrs: { axes } }: NodeOf<'reduceSum'>, writer: Writer): void {
  const x = writer.full(only(inputs));
  // Without axes ONNX reduces all of them.
  const sum = axes.length === 0 ? x : writer.emit('ReduceSum', [x, writer.int64(axes)], { keepdims: 1 });
  writer.set(only(outputs), sum);
}

/** The maximum over axes -> ReduceMax */
export function reduceMax({ inputs, outputs, attrs: { axes } }: NodeOf<'reduceMax'>, writer: Writer): void {
  const x = writer.full(only(inputs));
  const max = axes.length === 0 ? x : writer.emit('ReduceMax', [x], { axes, keepdims: 1 });
  writer.set(only(outputs), max);
}

/** The index of the first maximum along an axis -> ArgMax, which gives int64, and Cast */
export function argMax({ inputs, outputs, attrs: { axis } }: NodeOf<'argMax'>, writer: Writer): void {
  const attrs = { axis, keepdims: 1, select_last_index: 0 };
  const index = writer.emit('ArgMax', [writer.full(only(inputs))], attrs);
  writer.set(only(outputs), writer.emit('Cast', [index], { to: elementTypes.int32 }));
}
