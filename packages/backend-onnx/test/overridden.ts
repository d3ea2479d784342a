// What a lowering changes in the plain training table.
import type { OnnxKernels } from '@isonet/onnx/write';
import { training } from '@isonet/onnx/write';

/** The ops, in order of their names, that a table writes in another way than the plain training table, or that one of the two lacks. */
export function overridden(table: OnnxKernels): readonly string[] {
  const plain = new Map<string, unknown>(Object.entries(training));
  const own = new Map<string, unknown>(Object.entries(table));
  return [...new Set([...plain.keys(), ...own.keys()])]
    .filter((op) => own.get(op) !== plain.get(op))
    .toSorted();
}
