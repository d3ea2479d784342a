// How often values are taken: by nodes, within branches too, and as outputs.
import type { FileGraph } from './file.ts';

/** How often each value of a graph is taken, by name; without those that nobody takes. */
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

/** Whether a value is taken more than once. */
export function isShared(uses: ReadonlyMap<string, number>, name: string | undefined): boolean {
  return name !== undefined && (uses.get(name) ?? 0) > 1;
}
