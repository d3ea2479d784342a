// Runs a graph node by node, in its order, at once: when `run` returns, all is done.
import type { Execution, Graph, Named, Node, Program, State, Tensor, Tensors, ValueId } from '@isonet/core';
import {
  BackendError,
  checkFeeds,
  executionOf,
  GraphError,
  kernelFor,
  typeOf,
  UnsupportedOpError,
  wanted,
} from '@isonet/core';
import { kernels } from './kernels/index.ts';
import { Operands } from './operands.ts';
import { picked, ReferenceState } from './state.ts';
import { copied, tensorOf } from './values.ts';

/** The version of this package: an order of sums changes only with it. */
const VERSION = '0.1.0';

export class ReferenceProgram implements Program {
  readonly graph: Graph;
  readonly fingerprint: string = `@isonet/backend-reference ${VERSION}, float64 loops`;
  readonly scratchBytes: number = 0;
  readonly #constants: readonly (readonly [ValueId, Tensor])[];
  readonly #lastUses: ReadonlyMap<Node, readonly ValueId[]>;
  #disposed = false;

  constructor(graph: Graph) {
    this.graph = graph;
    this.#constants = graph.constants.map(({ value, data }) => [value, copied(data)]);
    this.#lastUses = lastUses(graph);
  }

  run(state: State, feeds: Tensors): Execution {
    const outputs = this.#run(state, feeds);
    return executionOf(this.graph, outputs, async (names) => picked(await outputs, names, this.graph.name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
  }

  /** An async function runs at once up to its first `await`. There is none: async only makes rejections of errors. */
  async #run(state: State, feeds: Tensors): Promise<Tensors> {
    const { graph } = this;
    if (this.#disposed) throw new BackendError('DISPOSED', `${graph.name}: the program is disposed`);
    if (!(state instanceof ReferenceState)) {
      throw new BackendError('FOREIGN_STATE', `${graph.name}: the state belongs to another backend`);
    }
    const fed = checkFeeds(graph, feeds).map(copied);
    const { values } = state;
    const before = graph.state.map(({ name, value }) => wanted(values, name, typeOf(graph, value), 'state'));
    try {
      const at = this.#evaluate(fed, before);
      const named = (list: readonly Named[]): Tensors =>
        Object.fromEntries(list.map(({ name, value }) => [name, at(value)]));
      state.land(named(graph.updates));
      return named(graph.outputs);
    } catch (error) {
      state.poison(error);
      throw error;
    }
  }

  #evaluate(fed: readonly Tensor[], before: readonly Tensor[]): (value: ValueId) => Tensor {
    const { graph } = this;
    const values = new Map<ValueId, Tensor>(this.#constants);
    const given = [...fed, ...before];
    [...graph.inputs, ...graph.state].forEach(({ value }, i) => given[i] && values.set(value, given[i]));
    const at = (value: ValueId): Tensor => {
      const tensor = values.get(value);
      if (!tensor) throw new GraphError(`graph "${graph.name}": %${value} has no value`);
      return tensor;
    };
    for (const node of graph.nodes) {
      const kernel = kernelFor(kernels, node);
      const [output] = node.outputs; // Primitives have one.
      if (!kernel || output === undefined)
        throw new UnsupportedOpError(`${node.op} "${node.name}": no kernel`);
      const type = typeOf(graph, output);
      values.set(output, tensorOf(type, kernel(new Operands(node.inputs.map(at), type))));
      for (const value of this.#lastUses.get(node) ?? []) values.delete(value);
    }
    return at;
  }
}

/** The values that nobody reads after a node: their memory may go. */
function lastUses(graph: Graph): ReadonlyMap<Node, readonly ValueId[]> {
  const needed = new Set([...graph.outputs, ...graph.updates].map(({ value }) => value));
  const uses = graph.nodes.toReversed().map((node) => {
    const last = [...new Set(node.inputs)].filter((value) => !needed.has(value));
    for (const value of last) needed.add(value);
    return [node, last] as const;
  });
  return new Map(uses);
}
