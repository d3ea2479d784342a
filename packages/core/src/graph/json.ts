// Converts graphs to JSON plus a separate set of constant tensors, and back.
import { GraphError } from '../errors.ts';
import type { Attrs, AttrValue } from '../ops/signatures.ts';
import type { Tensors } from '../tensor.ts';
import { exactNumber } from './canonical.ts';
import type { Graph, Node, ValueId } from './graph.ts';
import { validate } from './validate.ts';

/** A number that JSON cannot represent: an infinity, NaN, -0. */
interface JsonNumber {
  readonly number: string;
}

type JsonNode = Omit<Node, 'attrs'> & {
  readonly attrs: Readonly<Record<string, AttrValue | JsonNumber>>;
};

/** A graph without its constants, in a form that `JSON.stringify` preserves. */
export type GraphJson = Omit<Graph, 'constants' | 'nodes'> & {
  readonly constants: readonly ValueId[];
  readonly nodes: readonly JsonNode[];
};

/** Returns the graph as JSON, and its constants separately as `constant/<value>`. */
export function toJson(graph: Graph): { readonly json: GraphJson; readonly constants: Tensors } {
  const constants = Object.fromEntries(graph.constants.map(({ value, data }) => [`constant/${value}`, data]));
  const nodes = graph.nodes.map((node) => ({ ...node, attrs: mapped(node.attrs, toJsonValue) }));
  return { json: { ...graph, constants: graph.constants.map(({ value }) => value), nodes }, constants };
}

/** The inverse of {@link toJson}. @throws GraphError if a constant is missing or the graph is invalid */
export function fromJson(json: GraphJson, constants: Tensors): Graph {
  return validate({
    ...json,
    // The cast trusts the attributes; validation infers each node's types from them again.
    nodes: json.nodes.map((node) => ({ ...node, attrs: mapped(node.attrs, fromJsonValue) }) as Node),
    constants: json.constants.map((value) => {
      const data = constants[`constant/${value}`];
      if (!data) throw new GraphError(`graph "${json.name}": constant/${value} is missing`);
      return { value, data };
    }),
  });
}

function mapped<V, W>(attrs: Readonly<Record<string, V>>, f: (value: V) => W): Readonly<Record<string, W>> {
  return Object.fromEntries(Object.entries(attrs).map(([name, value]) => [name, f(value)]));
}

function toJsonValue(value: Attrs[string]): AttrValue | JsonNumber {
  if (typeof value !== 'number') return value;
  const exact = exactNumber(value);
  return typeof exact === 'string' ? { number: exact } : exact;
}

function fromJsonValue(value: AttrValue | JsonNumber): AttrValue {
  return typeof value === 'object' && 'number' in value ? Number(value.number) : value;
}
