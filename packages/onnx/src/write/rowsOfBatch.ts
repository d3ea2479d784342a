// Reduces constants that repeat one row per image to a single row: the class token of a transformer, for example.
// Without this reduction, the two networks built to find batch-dependent sizes would have different constants.
import type { Constant, Graph, Tensor, Value, ValueId } from '@isonet/core';
import { copyInto, copyResults, deadCode, float32, GraphBuilder, sizeOf } from '@isonet/core';

/** One network, built for two batch sizes. */
export type Pair = readonly [a: Graph, b: Graph];

/** Returns both networks, with each such constant replaced by a single row that is broadcast. */
export function rowsOfBatch([a, b]: Pair, batches: readonly [a: number, b: number]): Pair {
  const rows = new Map<number, Tensor>();
  if (a.constants.length !== b.constants.length) return [a, b];
  a.constants.forEach((constant, i) => {
    const row = commonRow(constant, b.constants[i], batches);
    if (row) rows.set(i, row);
  });
  return rows.size === 0 ? [a, b] : [withRows(a, rows), withRows(b, rows)];
}

/** Returns the row `[1, ...]` that both constants repeat for each image; undefined if they do not. */
function commonRow(
  { data: a }: Constant,
  other: Constant | undefined,
  [countA, countB]: readonly [number, number],
): Tensor | undefined {
  const b = other?.data;
  const [first, ...rest] = a.shape;
  if (a.dtype !== 'float32' || b?.dtype !== 'float32' || first !== countA || b.shape[0] !== countB)
    return undefined;
  const size = sizeOf(rest);
  if (sizeOf(b.shape) !== size * countB) return undefined;
  const row = a.data.slice(0, size);
  const repeats = (numbers: Float32Array): boolean =>
    numbers.every((number, i) => Object.is(number, row[i % size]));
  return repeats(a.data) && repeats(b.data) ? float32([1, ...rest], row) : undefined;
}

/** @param rows the rows, by the index of their constants in the graph */
function withRows(graph: Graph, rows: ReadonlyMap<number, Tensor>): Graph {
  const b = new GraphBuilder(graph.name);
  const constantIndex = new Map(graph.constants.map(({ value }, i) => [value, i]));
  const made = new Map<ValueId, Value>();
  const repeated = (value: ValueId, copy: Value): Value => {
    const row = rows.get(constantIndex.get(value) ?? -1);
    if (!row) return copy;
    const result = made.get(value) ?? b.op.broadcast(b.constant(row), { shape: copy.shape });
    made.set(value, result);
    return result;
  };
  const at = copyInto(b, graph, {
    emit: ({ op, inputs, attrs }, copies) =>
      b.emit(
        op,
        copies.map((copy, i) => repeated(inputs[i]!, copy)),
        attrs,
      ),
  });
  copyResults(b, graph, at);
  return deadCode(b.build());
}
