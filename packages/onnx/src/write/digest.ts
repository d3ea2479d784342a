// The part of a written graph that decides what it computes, as bytes: what the id of a plan is made of.
import type { WrittenGraph } from './writeGraph.ts';
import { encodeModel } from './writer/encode.ts';

/**
 * The model without what does not decide how it computes: values are numbered in the order of their first use, nodes and
 * graph have no names, and weights keep their type and lose their values. Constants stay whole.
 */
export function digestedBytes({ graph, weights }: WrittenGraph): Uint8Array {
  // An empty name is an optional input that is left out.
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
  const nodes = graph.nodes.map((node) => ({
    ...node,
    name: '',
    inputs: node.inputs.map(numbered),
    outputs: node.outputs.map(numbered),
  }));
  const outputs = graph.outputs.map((value) => ({ ...value, name: numbered(value.name) }));
  return encodeModel({ name: '', nodes, initializers, inputs, outputs });
}
