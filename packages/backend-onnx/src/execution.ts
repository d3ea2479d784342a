// One run under way. The cpu provider computes on the thread that asks, so a run begins when that thread is free; who has
// said by then which outputs matter spares the transfer of the others.
import type { Execution, Graph, Tensors } from '@isonet/core';
import { executionOf } from '@isonet/core';

/** @param start makes the run, and asks as late as it can which outputs are wanted */
export function execution(
  graph: Graph,
  start: (wantedNames: () => ReadonlySet<string>) => Promise<Tensors>,
): Execution {
  let wanted: ReadonlySet<string> = new Set(graph.outputs.map(({ name }) => name));
  // The feeds' memory is read in place: it is free once the run is over.
  const run = start(() => wanted);
  const read = async (names: readonly string[]): Promise<Tensors> => {
    wanted = new Set(names);
    const outputs = await run;
    return Object.fromEntries(names.flatMap((name) => (outputs[name] ? [[name, outputs[name]]] : [])));
  };
  return executionOf(graph, run, read, () => {
    wanted = new Set();
  });
}
