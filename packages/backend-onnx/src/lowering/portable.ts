// The portable lowering: graphs in standard ONNX operators, by the training table of @isonet/onnx.
import type { Graph, Node, Tensors } from '@isonet/core';
import type { OnnxKernels, WrittenGraph } from '@isonet/onnx/write';
import * as onnx from '@isonet/onnx/write';

/** How each op is written. */
export const kernels: OnnxKernels = onnx.training;

/** True where a node is written as it is; otherwise why it is decomposed. */
export function supports(node: Node): true | string {
  return onnx.supports(node, kernels);
}

/** The graph, with the composites that have no entry decomposed. */
export function legal(graph: Graph): Graph {
  return onnx.legal(graph, kernels);
}

/**
 * @param graph legal, see {@link legal}
 * @param weights the state's values, where they are written as initializers; otherwise the state is inputs
 */
export function write(graph: Graph, table: OnnxKernels, weights: Tensors | undefined): WrittenGraph {
  return onnx.writeGraph(graph, { dims: onnx.staticDims(graph), table, ...(weights ? { weights } : {}) });
}
