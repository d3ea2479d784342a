// Computes differences of tensors and costs of graphs.
import type { Graph, Tensors } from '@isonet/core';
import { definitionOf, typesOf } from '@isonet/core';

/** Returns ‖a - b‖ / ‖b - from‖ over tensors of the same names, in float64; `from` defaults to zero. */
export function difference(a: Tensors, b: Tensors, from?: Tensors): number {
  let [off, size] = [0, 0];
  for (const [name, { data }] of Object.entries(b)) {
    const [got, start] = [a[name]?.data, from?.[name]?.data];
    if (got === undefined || (from !== undefined && start === undefined))
      throw new Error(`${name} is missing`);
    data.forEach((value, i) => {
      off += (Number(got[i]) - value) ** 2;
      size += (value - (start === undefined ? 0 : Number(start[i]))) ** 2;
    });
  }
  return Math.sqrt(off / size);
}

/** Returns the multiply-adds of one run of a graph. */
export function multiplyAdds(graph: Graph): number {
  return graph.nodes.reduce((sum, { op, inputs, outputs, attrs }) => {
    const cost = definitionOf(op).cost?.(typesOf(graph, inputs), typesOf(graph, outputs), attrs);
    return cost === undefined ? sum : sum + cost;
  }, 0);
}
