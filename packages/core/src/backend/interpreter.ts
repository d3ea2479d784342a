// Executables that run a graph node by node, for backends whose runtime computes one op at a time, synchronously.
import { defined } from '../errors.ts';
import type { Graph, Named, Node, ValueId } from '../graph/graph.ts';
import { typeOf } from '../graph/typeOf.ts';
import { nodeText } from '../graph/print.ts';
import { releases } from './liveRanges.ts';
import type { Entry, Executable, Memory, RunResult, SyncMemory } from './memory.ts';

/** The options of {@link interpreted}. `H` is the handle of a tensor. */
export interface InterpreterOptions<H> {
  /** A legal graph: the device supports every node. */
  readonly graph: Graph;
  /** The device's memory. */
  readonly memory: SyncMemory<H>;
  /** Computes one node and returns its results in order. */
  readonly compute: (node: Node, at: (value: ValueId) => H) => readonly H[];
  /**
   * Returns a handle that outlives the run, for a value that becomes an output or an update. Default: the same handle. Required
   * if `free` releases memory, because one value can be an input, an output and an update at once, under several names.
   */
  readonly keep?: (value: H) => H;
}

/** Creates an executable that computes a graph's nodes one by one. Constants are uploaded once. */
export function interpreted<H>(options: InterpreterOptions<H>): Executable<H> {
  const { graph, memory, keep = (value) => value } = options;
  const free = (values: readonly H[]): void => memory.free?.(values);
  const constants = memory.upload(
    graph.constants.map(({ value, data }) => ({ name: `%${value}`, tensor: data })),
  );
  const steps = releases(graph);
  return {
    run: ({ feeds, state }): RunResult<H> => {
      const fed = memory.upload(
        graph.inputs.map(({ name }, i) => ({ name, tensor: defined(feeds[i], `the feed "${name}"`) })),
      );
      const borrowed = new Map([...valuesOf(graph.constants, constants), ...valuesOf(graph.state, state)]);
      const own = new Map(valuesOf(graph.inputs, fed));
      const at = (value: ValueId): H =>
        defined(own.get(value) ?? borrowed.get(value), `graph "${graph.name}": the value of %${value}`);
      try {
        steps.forEach(({ node, dead }) => {
          const results = options.compute(node, at);
          node.outputs.forEach((value, i) => {
            own.set(value, defined(results[i], `${nodeText(node)}: its result ${i}`));
          });
          for (const value of dead) {
            free([at(value)]);
            own.delete(value);
          }
        });
        return kept(graph, memory, (value) => keep(at(value)), free);
      } finally {
        free([...own.values()]);
      }
    },
    dispose: () => free(constants),
  };
}

/** Pairs value ids with values that are listed in the same order. */
function valuesOf<H>(
  list: readonly { readonly value: ValueId }[],
  values: readonly H[],
): readonly (readonly [ValueId, H])[] {
  return list.map(({ value }, i) => [value, defined(values[i], `the value of %${value}`)]);
}

/** Collects updates and outputs: all of them, or none if one fails. */
function kept<H>(
  graph: Graph,
  memory: Memory<H>,
  keep: (value: ValueId) => H,
  free: (values: readonly H[]) => void,
): RunResult<H> {
  const made: H[] = [];
  const entryOf = ({ name, value }: Named): Entry<H> => {
    const handle = keep(value);
    made.push(handle);
    return { name, type: typeOf(graph, value), handle };
  };
  try {
    const updates = graph.updates.map((update) => entryOf(update).handle);
    const outputs = graph.outputs.map(entryOf);
    const end = (): void => free(outputs.map(({ handle }) => handle));
    return {
      updates,
      outputs: {
        read: async (names) => {
          try {
            return await memory.download(outputs.filter(({ name }) => names.includes(name)));
          } finally {
            end();
          }
        },
        discard: end,
      },
    };
  } catch (error) {
    free(made);
    throw error;
  }
}
