// Runs graphs node by node: for backends whose runtime computes one op at a time.
import { defined } from '../errors.ts';
import type { Graph, Node, ValueId } from '../graph/graph.ts';
import { nodeText } from '../graph/print.ts';
import { deadAfter } from './liveRanges.ts';

export interface InterpreterOptions<H> {
  readonly graph: Graph;
  /** Computes one node: its results, in their order. */
  readonly compute: (node: Node, at: (value: ValueId) => H) => readonly H[];
  /** Releases a value that the run made or was fed, once nothing reads it any more. */
  readonly free?: (value: H) => void;
}

export class Interpreter<H> {
  readonly #options: InterpreterOptions<H>;
  readonly #dead: readonly (readonly ValueId[])[];

  constructor(options: InterpreterOptions<H>) {
    this.#options = options;
    this.#dead = deadAfter(options.graph);
  }

  /**
   * Runs all nodes, then `take`, which copies what outlives the run. In the end, whether it failed or not, everything that
   * was fed or computed is freed.
   * @param fed values of the graph's inputs, in their order
   * @param borrowed values of state and constants, which stay their owners'
   */
  run<R>(
    fed: readonly H[],
    borrowed: ReadonlyMap<ValueId, H>,
    take: (at: (value: ValueId) => H) => R,
  ): R {
    const { graph, compute, free } = this.#options;
    const own = new Map<ValueId, H>();
    const at = (value: ValueId): H =>
      defined(own.get(value) ?? borrowed.get(value), `graph "${graph.name}": the value of %${value}`);
    try {
      graph.inputs.forEach(({ value, name }, i) => own.set(value, defined(fed[i], `input "${name}"`)));
      graph.nodes.forEach((node, index) => {
        const results = compute(node, at);
        node.outputs.forEach((value, i) => {
          own.set(value, defined(results[i], `result ${i} of ${nodeText(node)}`));
        });
        for (const value of this.#dead[index] ?? []) {
          const dead = own.get(value);
          own.delete(value);
          if (dead !== undefined) free?.(dead);
        }
      });
      return take(at);
    } finally {
      if (free) for (const value of own.values()) free(value);
    }
  }
}
