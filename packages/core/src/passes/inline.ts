import { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { GraphError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { commonSubexpressions } from './commonSubexpressions.ts';
import { copyInto } from './copy.ts';
import { deadCode } from './deadCode.ts';

/**
 * Joins graphs that run in sequence into one graph. An output of an earlier graph feeds the input of the same name in a later
 * one, and state is shared by name. For example, the graphs gradients and apply become one step.
 * @param keep the outputs of the joined graph; all others only feed later graphs
 * @throws GraphError if an output in `keep` does not exist, or two graphs update the same state
 */
export function inline(name: string, graphs: readonly Graph[], keep: readonly string[]): Graph {
  const b = new GraphBuilder(name);
  const bind = new Map<string, Value>();
  const outputs = new Map<string, Value>();
  const updated = new Set<string>();
  for (const graph of graphs) {
    const at = copyInto(b, graph, { bind });
    for (const entry of [...graph.inputs, ...graph.state]) bind.set(entry.name, at(entry.value));
    for (const entry of graph.outputs) {
      bind.set(entry.name, at(entry.value));
      outputs.set(entry.name, at(entry.value));
    }
    for (const entry of graph.updates) {
      if (updated.has(entry.name))
        throw new GraphError(`graph "${name}": state "${entry.name}" is updated twice`);
      updated.add(entry.name);
      b.update(entry.name, at(entry.value));
    }
  }
  for (const output of keep) {
    const value = outputs.get(output);
    if (!value) throw new GraphError(`graph "${name}": no graph has an output "${output}"`);
    b.output(output, value);
  }
  return deadCode(commonSubexpressions(b.build()));
}
