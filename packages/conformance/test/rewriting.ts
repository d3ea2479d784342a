// A device that runs rewritten graphs: for wrong devices whose kernels cannot be replaced, such as ONNX Runtime's.
import type { CopyOptions, Device, Graph, Node, Value } from '@isonet/core';
import { copyInto, copyResults, GraphBuilder } from '@isonet/core';
import { forwarded } from '../src/forwarded.ts';

/** Emits other nodes in place of one, or returns undefined to keep it. */
export type Rewrite = (b: GraphBuilder, node: Node, inputs: readonly Value[]) => readonly Value[] | undefined;

export function rewriting(device: Device, rewrite: Rewrite): Device {
  const rewritten = (graph: Graph): Graph => {
    const b = new GraphBuilder(graph.name);
    const emit: CopyOptions['emit'] = (node, inputs) =>
      rewrite(b, node, inputs) ?? b.emit(node.op, inputs, node.attrs);
    copyResults(b, graph, copyInto(b, graph, { emit }));
    return b.build();
  };
  return { ...forwarded(device), compile: (graph, options) => device.compile(rewritten(graph), options) };
}
