// Sections of a graph: any of its nodes as a graph of their own, which is fed the values that the other nodes would make.
import { runOnce } from '@isonet/conformance/judging';
import type { Device, Graph, Named, Node, Tensor, Tensors, Value, ValueId } from '@isonet/core';
import { deadCode, defined, GraphBuilder, GraphError, nodeText, typeOf } from '@isonet/core';
import type { Problem } from './problem.ts';
import { named } from './tensors.ts';

/** Values of a graph, by their id. */
export type Values = ReadonlyMap<ValueId, Tensor>;

/** Some nodes of a graph, and which of their results are read. */
export interface Part {
  /** Indices of `graph.nodes`, ascending. */
  readonly nodes: readonly number[];
  readonly reads: readonly ValueId[];
}

/** A part as a graph of its own. */
export interface Section {
  /** Its values have other ids than those of the whole graph. */
  readonly graph: Graph;
  /** Values of the whole graph that it is fed besides the problem's feeds and state, each as the input {@link valueName}. */
  readonly borders: readonly ValueId[];
  /** Values of the whole graph that it gives, each as the output {@link valueName}. */
  readonly reads: readonly ValueId[];
}

/** The name of a value as an input or an output of a section: `%12`. */
export function valueName(value: ValueId): string {
  return `%${value}`;
}

/**
 * The part as a graph. Inputs and state that it uses keep their names, constants stay; every other value that it uses
 * becomes an input, and every value read an output.
 * @param fed values of the part itself that are fed to the nodes that use them, instead of what the part makes of them
 */
export function section(
  graph: Graph,
  { nodes, reads }: Part,
  fed: ReadonlySet<ValueId> = new Set(),
): Section {
  const b = new GraphBuilder(graph.name);
  const made = new Map<ValueId, Value>();
  const outside = new Outside(b, graph);
  const at = (value: ValueId): Value => (fed.has(value) ? undefined : made.get(value)) ?? outside.at(value);
  for (const index of nodes) {
    const node = nodeAt(graph, index);
    const outputs = b.within(node.origin, () => b.emit(node.op, node.inputs.map(at), node.attrs));
    node.outputs.forEach((value, i) =>
      made.set(value, defined(outputs[i], `output ${i} of ${nodeText(node)}`)),
    );
  }
  for (const value of reads) b.output(valueName(value), defined(made.get(value), `%${value} of this part`));
  return { graph: deadCode(b.build()), borders: outside.borders, reads };
}

/** Declares the values that a part uses and does not make, each when it is first used. */
class Outside {
  readonly borders: ValueId[] = [];
  readonly #b: GraphBuilder;
  readonly #graph: Graph;
  readonly #inputs: ReadonlyMap<ValueId, string>;
  readonly #state: ReadonlyMap<ValueId, string>;
  readonly #constants: ReadonlyMap<ValueId, Tensor>;
  readonly #declared = new Map<ValueId, Value>();

  constructor(b: GraphBuilder, graph: Graph) {
    this.#b = b;
    this.#graph = graph;
    this.#inputs = new Map(graph.inputs.map(({ name, value }) => [value, name]));
    this.#state = new Map(graph.state.map(({ name, value }) => [value, name]));
    this.#constants = new Map(graph.constants.map(({ value, data }) => [value, data]));
  }

  at(value: ValueId): Value {
    const found = this.#declared.get(value) ?? this.#declare(value);
    this.#declared.set(value, found);
    return found;
  }

  #declare(value: ValueId): Value {
    const b = this.#b;
    const type = typeOf(this.#graph, value);
    const input = this.#inputs.get(value);
    if (input !== undefined) return b.input(input, type);
    const entry = this.#state.get(value);
    if (entry !== undefined) return b.state(entry, type);
    const data = this.#constants.get(value);
    if (!data) {
      this.borders.push(value);
      return b.input(valueName(value), type);
    }
    const single = data.dtype === 'float32' && data.shape.length === 0 ? data.data[0] : undefined;
    return single === undefined ? b.constant(data) : b.scalar(single);
  }
}

/**
 * The state and the feeds of a section's run.
 * @param values those at its borders, among others perhaps
 */
export function given(
  { graph, borders }: Section,
  { state, feeds }: Problem,
  values: Values,
): { readonly state: Tensors; readonly feeds: Tensors } {
  const crossing = borders.map(
    (value) => [valueName(value), defined(values.get(value), `%${value}`)] as const,
  );
  return {
    state: picked(state, graph.state),
    feeds: picked({ ...feeds, ...Object.fromEntries(crossing) }, graph.inputs),
  };
}

/** Runs a section once. @returns the values read */
export async function evaluate(
  device: Device,
  part: Section,
  problem: Problem,
  values: Values,
): Promise<Values> {
  const { state, feeds } = given(part, problem, values);
  return valuesRead(part, await runOnce(device, part.graph, state, feeds));
}

/** The outputs of a section as values of the whole graph. */
export function valuesRead({ reads }: Section, outputs: Tensors): Values {
  return new Map(reads.map((value) => [value, named(outputs, valueName(value))]));
}

function picked(tensors: Tensors, entries: readonly Named[]): Tensors {
  return Object.fromEntries(entries.map(({ name }) => [name, named(tensors, name)]));
}

/** @throws GraphError when the graph has no such node */
export function nodeAt(graph: Graph, index: number): Node {
  const node = graph.nodes[index];
  if (!node) throw new GraphError(`graph "${graph.name}": no node ${index} (it has ${graph.nodes.length})`);
  return node;
}
