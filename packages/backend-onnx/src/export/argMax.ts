// The index of the first maximum along an axis, which stays with size 1 -> ArgMax, which gives int64, and Cast
import type { NodeOf } from '@isonet/core';
import { elementTypes } from '../writer/encode.ts';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function argMax({ inputs, outputs, attrs: { axis } }: NodeOf<'argMax'>, writer: Writer): void {
  const attrs = { axis, keepdims: 1, select_last_index: 0 };
  const index = writer.emit('ArgMax', [writer.full(only(inputs))], attrs);
  writer.set(only(outputs), writer.emit('Cast', [index], { to: elementTypes.int32 }));
}
