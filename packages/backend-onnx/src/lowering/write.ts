// Writes a graph as ONNX with the kernel table of a lowering, optionally with its weights as constants, or in chunks.
import type { Chunked, Graph, Tensors } from '@isonet/core';
import type { OnnxKernels, WrittenGraph } from '@isonet/onnx/write';
import { staticDims, writeGraph } from '@isonet/onnx/write';

/**
 * Writes a graph as ONNX.
 * @param graph a legal graph: the table must support all of its ops
 * @param weights the state's tensors, to write them as initializers; without them the state becomes inputs
 * @param chunks the graph in chunks, to write it as a loop over them
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
