// Encodes the part of a written graph that determines what it computes. The id of a plan is derived from these bytes.
import type { WrittenGraph } from './writeGraph.ts';
import type { OnnxAttr, OnnxGraph, OnnxValue } from './writer/encode.ts';
import { encodeModel } from './writer/encode.ts';

/**
 * Encodes only what affects the computation of the model: values are numbered in the order of first use, nodes and the
 * graph have no names, and weights keep their types but not their values. Constants keep their values.
 */
export function digestedBytes({ graph, weights }: WrittenGraph): Uint8Array {
  // An empty name is an omitted optional input.
  const numbers = new Map([['', '']]);
  const numbered = (name: string): string => {
    const number = numbers.get(name) ?? `v${numbers.size}`;
    numbers.set(name, number);
    return number;
  };
  const inputs = graph.inputs.map((value) => ({ ...value, name: numbered(value.name) }));
  const initializers = graph.initializers.map((tensor) => ({
    ...tensor,
    name: numbered(tensor.name),
    bytes: weights.has(tensor.name) ? new Uint8Array() : tensor.bytes,
  }));
  const { nodes, outputs } = anonymous(graph, numbered);
  return encodeModel({ name: '', nodes, initializers, inputs, outputs });
}

/** Returns a graph without its own names. The bodies of its loops, which can read its values, are renamed consistently. */
function anonymous(graph: OnnxGraph, numbered: (name: string) => string): OnnxGraph {
  const value = (each: OnnxValue): OnnxValue => ({ ...each, name: numbered(each.name) });
  const attr = (each: OnnxAttr): OnnxAttr =>
    typeof each === 'object' && 'graph' in each ? { graph: anonymous(each.graph, numbered) } : each;
  return {
    name: '',
    inputs: graph.inputs.map(value),
    initializers: graph.initializers.map((tensor) => ({ ...tensor, name: numbered(tensor.name) })),
    nodes: graph.nodes.map((node) => ({
      ...node,
      name: '',
      inputs: node.inputs.map(numbered),
      outputs: node.outputs.map(numbered),
      attrs: Object.fromEntries(Object.entries(node.attrs).map(([key, each]) => [key, attr(each)])),
    })),
    outputs: graph.outputs.map(value),
  };
}
