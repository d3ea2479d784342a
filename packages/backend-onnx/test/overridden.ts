// Compares a lowering with the plain training table.
import type { OnnxKernels } from '@isonet/onnx/write';
import { training } from '@isonet/onnx/write';

/** Returns the ops, sorted by name, that a table writes differently from the plain training table, or that only one of them has. */
export function overridden(table: OnnxKernels): readonly string[] {
  const plain = new Map<string, unknown>(Object.entries(training));
  const own = new Map<string, unknown>(Object.entries(table));
  return [...new Set([...plain.keys(), ...own.keys()])]
    .filter((op) => own.get(op) !== plain.get(op))
    .toSorted();
}
