// A graph written as ONNX by the table of a lowering, with its weights as constants or in chunks where that is asked for.
import type { Chunked, Graph, Tensors } from '@isonet/core';
import type { OnnxKernels, WrittenGraph } from '@isonet/onnx/write';
import { staticDims, writeGraph } from '@isonet/onnx/write';

/**
 * @param graph legal: the table writes every op of it
 * @param weights the state's values, where they are written as initializers; otherwise the state is inputs
 * @param chunks the graph in chunks, where it is written as a loop over them
 */
export function write(
  graph: Graph,
  table: OnnxKernels,
  weights: Tensors | undefined,
  chunks?: Chunked,
): WrittenGraph {
  return writeGraph(graph, {
    dims: staticDims(graph),
    table,
    ...(weights ? { weights } : {}),
    ...(chunks ? { chunks } : {}),
  });
}
