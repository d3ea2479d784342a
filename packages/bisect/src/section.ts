// Cuts a graph: any of its nodes as a graph of their own, which is fed what the others would have made.
import { runOnce } from '@isonet/conformance/judging';
import type { Device, Graph, Tensor, Tensors, Value, ValueId } from '@isonet/core';
import { deadCode, GraphBuilder, GraphError, typeOf } from '@isonet/core';
import type { Problem } from './problem.ts';

/** Values of a graph, by their id. */
export type Values = ReadonlyMap<ValueId, Tensor>;

/** What a value is called as an input or an output of a section: `%12`. */
export function valueName(value: ValueId): string {
  return `%${value}`;
}

/** Some nodes of a graph, and which of their results are read. */
export interface Part {
  /** Indices of `graph.nodes`, ascending. */
  readonly nodes: readonly number[];
  readonly reads: readonly ValueId[];
}

/**
 * The part as a graph. Inputs and state that it uses keep their names, constants stay; every other value that it uses is
 * an input `%<id>`, and every value read an output of that name.
 * @param fed values of the part itself that are fed to whoever uses them, instead of what the part makes of them
 */
export function section(graph: Graph, { nodes, reads }: Part, fed: ReadonlySet<ValueId> = new Set()): Graph {
  const b = new GraphBuilder(graph.name);
  const made = new Map<ValueId, Value>();
  const outside = outsideOf(b, graph);
  const at = (value: ValueId): Value => (fed.has(value) ? undefined : made.get(value)) ?? outside(value);
  for (const index of nodes) {
    const node = nodeAt(graph, index);
    const outputs = b.labelled(node.name, () => b.emit(node.op, node.inputs.map(at), node.attrs));
    node.outputs.forEach((value, i) => outputs[i] && made.set(value, outputs[i]));
  }
  for (const value of reads) {
    const output = made.get(value);
    if (!output) throw new GraphError(`graph "${graph.name}": %${value} is not made by this part of it`);
    b.output(valueName(value), output);
  }
  return deadCode(b.build());
}

/** Declares what a part uses and does not make, each when it is first used. */
function outsideOf(b: GraphBuilder, graph: Graph): (value: ValueId) => Value {
  const declared = new Map<ValueId, Value>();
  const inputs = new Map(graph.inputs.map(({ name, value }) => [value, name]));
  const state = new Map(graph.state.map(({ name, value }) => [value, name]));
  const constants = new Map(graph.constants.map(({ value, data }) => [value, data]));
  const declare = (value: ValueId): Value => {
    const type = typeOf(graph, value);
    const [input, entry, data] = [inputs.get(value), state.get(value), constants.get(value)];
    if (input !== undefined) return b.input(input, type);
    if (entry !== undefined) return b.state(entry, type);
    if (!data) return b.input(valueName(value), type);
    const single = data.dtype === 'float32' && data.shape.length === 0 ? data.data[0] : undefined;
    return single === undefined ? b.constant(data) : b.scalar(single);
  };
  return (value) => {
    const found = declared.get(value) ?? declare(value);
    declared.set(value, found);
    return found;
  };
}

/** The values that a section is fed beside the problem's own. */
export function bordersOf(part: Graph): readonly ValueId[] {
  return part.inputs.flatMap(({ name }) => (name.startsWith('%') ? [Number(name.slice(1))] : []));
}

/** What a section's run needs, of the problem's values and of those at its borders. */
export function given(
  part: Graph,
  { state, feeds }: Problem,
  borders: Values,
): { readonly state: Tensors; readonly feeds: Tensors } {
  const all: Tensors = {
    ...feeds,
    ...Object.fromEntries([...borders].map(([value, tensor]) => [valueName(value), tensor])),
  };
  return { state: picked(state, part.state), feeds: picked(all, part.inputs) };
}

/** Runs a section once. @returns its outputs that are values of the graph */
export async function evaluate(
  device: Device,
  part: Graph,
  problem: Problem,
  borders: Values,
): Promise<Values> {
  const { state, feeds } = given(part, problem, borders);
  const outputs = await runOnce(device, part, state, feeds);
  return new Map(Object.entries(outputs).map(([name, tensor]) => [Number(name.slice(1)), tensor]));
}

function picked(tensors: Tensors, names: readonly { readonly name: string }[]): Tensors {
  return Object.fromEntries(
    names.flatMap(({ name }) => (tensors[name] ? [[name, tensors[name]] as const] : [])),
  );
}

/** @throws GraphError when the graph has no such node */
export function nodeAt(graph: Graph, index: number): Graph['nodes'][number] {
  const node = graph.nodes[index];
  if (!node) throw new GraphError(`graph "${graph.name}": no node ${index} (it has ${graph.nodes.length})`);
  return node;
}
