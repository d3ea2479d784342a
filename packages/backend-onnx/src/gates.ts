// Removes the gates from a graph. A gate is an update that a step either commits or drops, depending on one bool.
// ONNX Runtime would select element by element into new memory. The host has both tensors, so it picks one of the two
// instead.
import type { Graph, Named, Node, ValueId } from '@isonet/core';
import { typeOf } from '@isonet/core';

/** A graph without gates: each update always has the value that it would have if it committed. */
export interface Gated {
  readonly graph: Graph;
  /** For each update of the graph, the output `bool []` that decides whether it commits; undefined if it always commits. */
  readonly gates: readonly (string | undefined)[];
}

/** An update `select(condition, after, before)`, where `before` is the state itself and the condition is one bool. */
interface Gate {
  readonly select: Node;
  readonly condition: ValueId;
  readonly after: ValueId;
}

/** Removes the gates from a graph. */
export function gated(graph: Graph): Gated {
  const producers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((value): [ValueId, Node] => [value, node])),
  );
  const gates = graph.updates.map((update) => gateOf(graph, producers, update));
  const conditions = [...new Set(gates.flatMap((gate) => (gate ? [gate.condition] : [])))];
  const taken = new Set(graph.outputs.map(({ name }) => name));
  // A condition that is already an output is not added again: that would need a copy, and WebGPU cannot copy bools.
  const own = new Set(graph.outputs.map(({ value }) => value));
  const added = conditions
    .filter((value) => !own.has(value))
    .map((value): Named => ({ name: freeName(`commits/${value}`, taken), value }));
  const nameOf = new Map([...graph.outputs, ...added].map(({ name, value }) => [value, name]));
  const outputs = [...graph.outputs, ...added];
  const updates = graph.updates.map((update, i) => ({ ...update, value: gates[i]?.after ?? update.value }));
  const read = new Set([
    ...graph.nodes.flatMap(({ inputs }): readonly ValueId[] => inputs),
    ...[...outputs, ...updates].map(({ value }) => value),
  ]);
  const selects = new Set(gates.map((gate) => gate?.select));
  const nodes = graph.nodes.filter(
    (node) => !selects.has(node) || node.outputs.some((value) => read.has(value)),
  );
  return {
    graph: { ...graph, nodes, outputs, updates },
    gates: gates.map((gate) => gate && nameOf.get(gate.condition)),
  };
}

function gateOf(
  graph: Graph,
  producers: ReadonlyMap<ValueId, Node>,
  { name, value }: Named,
): Gate | undefined {
  const before = graph.state.find((entry) => entry.name === name);
  const select = producers.get(value);
  if (select?.op !== 'select' || select.inputs[2] !== before?.value) return undefined;
  const [given, after] = select.inputs;
  const broadcast = producers.get(given);
  const condition = broadcast?.op === 'broadcast' ? broadcast.inputs[0] : given;
  return typeOf(graph, condition).shape.length === 0 ? { select, condition, after } : undefined;
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  return taken.has(name) ? freeName(`${name}'`, taken) : name;
}
