// The producers and the users of a graph's values.
import type { Graph, Node, ValueId } from '@isonet/core';

export class Uses {
  readonly #users: ReadonlyMap<ValueId, readonly Node[]>;
  readonly #producers: ReadonlyMap<ValueId, Node>;
  readonly #results: ReadonlySet<ValueId>;

  constructor(graph: Graph) {
    this.#users = usersOf(graph);
    this.#producers = new Map(
      graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)),
    );
    this.#results = new Set([...graph.outputs, ...graph.updates].map(({ value }) => value));
  }

  /** Returns the node that produces a value; undefined for inputs, state and constants. */
  producer(value: ValueId): Node | undefined {
    return this.#producers.get(value);
  }

  /**
   * Returns the only user of a value, if that node reads it once; undefined if there are other uses, or if the value is
   * a result of the graph.
   */
  soleUser(value: ValueId): Node | undefined {
    const users = this.#users.get(value);
    return this.#results.has(value) || users?.length !== 1 ? undefined : users[0];
  }
}

function usersOf(graph: Graph): ReadonlyMap<ValueId, readonly Node[]> {
  const users = new Map(graph.values.map((_, value): [ValueId, Node[]] => [value, []]));
  for (const node of graph.nodes) {
    for (const value of node.inputs) users.get(value)?.push(node);
  }
  return users;
}
