// Counts the uses of values: as inputs of nodes, including those in branches, and as outputs.
import type { FileGraph } from './file.ts';

/** Returns the number of uses of each value of a graph, by name. Unused values are missing. */
export function usesIn(graph: FileGraph): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  const count = ({ nodes, outputs }: FileGraph): void => {
    for (const { inputs, attributes } of nodes) {
      for (const name of inputs) uses.set(name, (uses.get(name) ?? 0) + 1);
      for (const { type, value } of attributes.values()) if (type === 'graph') count(value);
    }
    for (const { name } of outputs) uses.set(name, (uses.get(name) ?? 0) + 1);
  };
  count(graph);
  return uses;
}

/** Returns whether a value is used more than once. */
export function isShared(uses: ReadonlyMap<string, number>, name: string | undefined): boolean {
  return name !== undefined && (uses.get(name) ?? 0) > 1;
}
