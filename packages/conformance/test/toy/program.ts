// A graph as a list of loops, one per node, and its runs.
import type { Execution, Graph, Named, Node, Program, State, Tensor, Tensors, ValueId } from '@isonet/core';
import {
  BackendError,
  checkFeeds,
  executionOf,
  kernelFor,
  typeOf,
  UnsupportedOpError,
  wanted,
} from '@isonet/core';
import { kernels } from './kernels.ts';
import { ToyState } from './state.ts';
import { copied, copies, tensorOf } from './tensors.ts';

type Values = Map<ValueId, Tensor>;

export class ToyProgram implements Program {
  readonly graph: Graph;
  readonly fingerprint = 'toy 1';
  readonly scratchBytes = 0;
  readonly #steps: readonly ((values: Values) => void)[];
  #disposed = false;

  constructor(graph: Graph) {
    this.graph = graph;
    this.#steps = graph.nodes.map((node) => stepOf(graph, node));
  }

  run(state: State, feeds: Tensors): Execution {
    const outputs = this.#run(state, feeds);
    return executionOf(this.graph, outputs, async (names) => copies(await outputs, names));
  }

  /** Without an `await` it is done when it returns; it is async so that what it throws becomes a rejection. */
  async #run(state: State, feeds: Tensors): Promise<Tensors> {
    const { graph } = this;
    if (this.#disposed) throw new BackendError('DISPOSED', `${graph.name}: the program is disposed`);
    if (!(state instanceof ToyState)) {
      throw new BackendError('FOREIGN_STATE', `${graph.name}: the state belongs to another backend`);
    }
    const fed = checkFeeds(graph, feeds);
    const held = state.values;
    const values: Values = new Map(graph.constants.map(({ value, data }) => [value, data]));
    graph.inputs.forEach(({ value }, i) => values.set(value, copied(fed[i]!)));
    for (const { name, value } of graph.state) {
      values.set(value, wanted(held, name, typeOf(graph, value), 'state'));
    }
    try {
      for (const step of this.#steps) step(values);
      state.land(named(values, graph.updates));
      return named(values, graph.outputs);
    } catch (cause) {
      throw state.poison(cause);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
  }
}

/** Computes one node's result from the values so far. */
function stepOf(graph: Graph, node: Node): (values: Values) => void {
  const kernel = kernelFor(kernels, node);
  const [output] = node.outputs; // Primitives have one.
  if (!kernel || output === undefined) throw new UnsupportedOpError(`${node.op} "${node.name}": no kernel`);
  const type = typeOf(graph, output);
  const loop = kernel(type);
  // `!`: a graph computes every value before it is used.
  return (values) => values.set(output, tensorOf(type, loop(...node.inputs.map((id) => values.get(id)!))));
}

function named(values: Values, list: readonly Named[]): Tensors {
  return Object.fromEntries(list.map(({ name, value }) => [name, values.get(value)!]));
}
