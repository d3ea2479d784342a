// Validates graphs: every graph that a builder, a pass, a file or a port produces.
import { GraphError } from '../errors.ts';
import { checkArity, definitionOf, isOpName } from '../ops/table.ts';
import { sameType, sizeOf, typeText } from '../tensor.ts';
import type { Graph, Named, ValueId } from './graph.ts';
import { typeOf, typesOf } from './typeOf.ts';
import { nodeText } from './print.ts';

/**
 * Checks every rule of a graph, including that each node's output types match what its op infers from the input types.
 * @throws GraphError naming the first broken rule
 * @returns the same graph
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
    if (!sameType(typeOf(graph, value), data) || data.data.length !== sizeOf(data.shape))
      throw fail(`the declared type of constant %${value} does not match its data`);
  }
  for (const node of graph.nodes) {
    // The types cannot guarantee this, because graphs also come from files and ports.
    if (!isOpName(node.op)) throw fail(`"${String(node.op)}" is not an op`);
    if (typeof node.origin?.layer !== 'string') throw fail(`${node.op} has no origin`);
    for (const value of node.inputs) use(value, nodeText(node));
    for (const value of node.outputs) define(value, nodeText(node));
    const definition = definitionOf(node.op);
    checkArity(definition, node.inputs.length, (message) => fail(`${nodeText(node)}: ${message}`));
    const inferred = definition.infer(typesOf(graph, node.inputs), node.attrs, fail);
    const declared = typesOf(graph, node.outputs);
    if (inferred.length !== declared.length) throw fail(`${nodeText(node)} has ${declared.length} outputs`);
    inferred.forEach((type, i) => {
      const got = declared[i];
      if (!got || !sameType(type, got)) {
        throw fail(
          `${nodeText(node)} returns ${typeText(type)}, declared as ${got ? typeText(got) : 'nothing'}`,
        );
      }
    });
  }
  for (const { name, value } of graph.outputs) use(value, `output "${name}"`);
  for (const { name, value } of graph.updates) {
    use(value, `update "${name}"`);
    const state = graph.state.find((entry) => entry.name === name);
    if (!state) throw fail(`update "${name}": there is no such state`);
    if (!sameType(typeOf(graph, state.value), typeOf(graph, value)))
      throw fail(`update "${name}" changes the type of its state`);
  }
  return graph;
}
