// The portable lowering: graphs in standard ONNX operators, by the training tables of @isonet/onnx.
import type { Chunked, Graph, Tensors } from '@isonet/core';
import type { OnnxKernels, WrittenGraph } from '@isonet/onnx/write';
import { staticDims, trainingPixels, writeGraph } from '@isonet/onnx/write';

/** How each op is written for processors. */
export const kernels: OnnxKernels = trainingPixels;

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
