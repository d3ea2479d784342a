// The intermediate form between networks and devices: immutable SSA with static shapes. A graph is plain data (JSON but
// for its constants), so passes, exporters and backends need nothing but this file to read it.
// What is deliberately absent: control flow, dynamic shapes, side effects. One batch size, one graph.
import { GraphError } from './errors.ts';
import type { AttrsOf, OpName } from './ops/table.ts';
import { definitionOf } from './ops/table.ts';
import { sameType, typeText } from './tensor.ts';
import type { Tensor, TensorType, Tensors } from './tensor.ts';

/** A value is named by its index in `Graph.values`. */
export type ValueId = number;

/** One application of one op. A union over `op`, so that `switch (node.op)` narrows `attrs`. */
export type NodeOf<K extends OpName> = {
  readonly [P in K]: {
    readonly op: P;
    /** Where in the network it stands, e.g. `nin1.c1`; for messages and summaries. */
    readonly name: string;
    readonly inputs: readonly ValueId[];
    readonly outputs: readonly ValueId[];
    readonly attrs: AttrsOf<P>;
  };
}[K];
export type Node = NodeOf<OpName>;

export interface Named {
  readonly name: string;
  readonly value: ValueId;
}

export interface Constant {
  readonly value: ValueId;
  readonly data: Tensor;
}

export interface Graph {
  readonly name: string;
  /** The type of every value. */
  readonly values: readonly TensorType[];
  /** Fed anew at each run: images, labels, lr, random. */
  readonly inputs: readonly Named[];
  /** Weights, slots and buffers: the value that they had before the run. */
  readonly state: readonly Named[];
  readonly constants: readonly Constant[];
  /** In an order in which every value is defined before it is used. */
  readonly nodes: readonly Node[];
  readonly outputs: readonly Named[];
  /** The state after the run, by the state's name; all land together. What is not named stays. */
  readonly updates: readonly Named[];
}

/** The type of a value. @throws GraphError for an id that the graph does not have. */
export function typeOf(graph: Graph, value: ValueId): TensorType {
  const type = graph.values[value];
  if (!type)
    throw new GraphError(`graph "${graph.name}": no value %${value} (it has ${graph.values.length})`);
  return type;
}

/** The types of a list of values. */
export function typesOf(graph: Graph, values: readonly ValueId[]): readonly TensorType[] {
  return values.map((value) => typeOf(graph, value));
}

/**
 * Checks every rule of a graph, and that each node's output types are what its op infers from its input types.
 * @throws GraphError naming the first rule that is broken.
 * @returns the graph itself.
 */
export function validate(graph: Graph): Graph {
  const fail = (message: string): GraphError => new GraphError(`graph "${graph.name}": ${message}`);
  const defined = new Set<ValueId>();
  const define = (value: ValueId, by: string): void => {
    typeOf(graph, value);
    if (defined.has(value)) throw fail(`%${value} is defined twice, the second time by ${by}`);
    defined.add(value);
  };
  const use = (value: ValueId, by: string): void => {
    if (!defined.has(value)) throw fail(`${by} uses %${value}, which is not defined before it`);
  };
  const unique = (list: readonly Named[], kind: string): void => {
    const names = new Set(list.map((entry) => entry.name));
    if (names.size !== list.length) throw fail(`two ${kind} have the same name`);
  };

  unique([...graph.inputs, ...graph.state], 'inputs or state entries');
  unique(graph.outputs, 'outputs');
  unique(graph.updates, 'updates');
  for (const { name, value } of graph.inputs) define(value, `input "${name}"`);
  for (const { name, value } of graph.state) define(value, `state "${name}"`);
  for (const { value, data } of graph.constants) {
    define(value, 'a constant');
    if (!sameType(typeOf(graph, value), data))
      throw fail(`constant %${value} is declared as another type than its data`);
  }
  for (const node of graph.nodes) {
    for (const value of node.inputs) use(value, `${node.op} "${node.name}"`);
    for (const value of node.outputs) define(value, `${node.op} "${node.name}"`);
    const inferred = definitionOf(node.op).infer(typesOf(graph, node.inputs), node.attrs, fail);
    const declared = typesOf(graph, node.outputs);
    if (inferred.length !== declared.length)
      throw fail(`${node.op} "${node.name}" has ${declared.length} outputs`);
    inferred.forEach((type, i) => {
      const got = declared[i];
      if (!got || !sameType(type, got)) {
        throw fail(
          `${node.op} "${node.name}" gives ${typeText(type)}, declared as ${got ? typeText(got) : 'nothing'}`,
        );
      }
    });
  }
  for (const { name, value } of graph.outputs) use(value, `output "${name}"`);
  for (const { name, value } of graph.updates) {
    use(value, `update "${name}"`);
    const state = graph.state.find((entry) => entry.name === name);
    if (!state) throw fail(`update "${name}" names no state`);
    if (!sameType(typeOf(graph, state.value), typeOf(graph, value)))
      throw fail(`update "${name}" changes its type`);
  }
  return graph;
}

/** The graph as text, one line a value, for reading and for diffs. */
export function print(graph: Graph): string {
  const typed = (value: ValueId): string => `%${value}: ${typeText(typeOf(graph, value))}`;
  const lines = [`graph ${graph.name}`];
  for (const { name, value } of graph.inputs) lines.push(`  ${typed(value)} = input "${name}"`);
  for (const { name, value } of graph.state) lines.push(`  ${typed(value)} = state "${name}"`);
  for (const { value, data } of graph.constants) {
    lines.push(`  ${typed(value)} = constant ${data.data.length === 1 ? String(data.data[0]) : '...'}`);
  }
  for (const node of graph.nodes) {
    const attrs = Object.entries(node.attrs).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    const inputs = node.inputs.map((value) => `%${value}`).join(', ');
    lines.push(
      `  ${node.outputs.map(typed).join(', ')} = ${[`${node.op}(${inputs})`, ...attrs].join(' ')}  # ${node.name}`,
    );
  }
  for (const { name, value } of graph.outputs) lines.push(`  output "${name}" = %${value}`);
  for (const { name, value } of graph.updates) lines.push(`  update "${name}" = %${value}`);
  return lines.join('\n');
}

/** A graph with its constants taken out: what `JSON.stringify` can hold. */
export type GraphJson = Omit<Graph, 'constants'> & { readonly constants: readonly ValueId[] };

/** The graph as JSON, and its constants beside it as `constant/<value>`. */
export function toJson(graph: Graph): { readonly json: GraphJson; readonly constants: Tensors } {
  const constants = Object.fromEntries(graph.constants.map(({ value, data }) => [`constant/${value}`, data]));
  return { json: { ...graph, constants: graph.constants.map(({ value }) => value) }, constants };
}

/** The inverse of {@link toJson}. @throws GraphError when a constant is missing or the graph is not valid. */
export function fromJson(json: GraphJson, constants: Tensors): Graph {
  return validate({
    ...json,
    constants: json.constants.map((value) => {
      const data = constants[`constant/${value}`];
      if (!data) throw new GraphError(`graph "${json.name}": constant/${value} is missing`);
      return { value, data };
    }),
  });
}
