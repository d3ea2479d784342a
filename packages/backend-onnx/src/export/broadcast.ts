// Repeats axes of size 1, or a scalar -> nothing: ONNX's elementwise operators repeat their operands themselves, and
// Writer.full writes an Expand for those that do not.
import type { NodeOf } from '@isonet/core';
import { only } from '../writer/lists.ts';
import type { Writer } from '../writer/writer.ts';

export function broadcast({ inputs, outputs }: NodeOf<'broadcast'>, writer: Writer): void {
  const { name, dims } = writer.operand(only(inputs));
  writer.set(only(outputs), name, dims);
}
