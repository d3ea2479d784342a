// Runs a graph node by node, in its order. TensorFlow.js computes while it is called: when `run` returns, all is done.
import type { Execution, Graph, Named, Node, Program, State, Tensor, Tensors, ValueId } from '@isonet/core';
import {
  BackendError,
  checkFeeds,
  GraphError,
  kernelFor,
  messageOf,
  print,
  typeOf,
  UnsupportedOpError,
} from '@isonet/core';
import { createHash } from 'node:crypto';
import { Context } from './context.ts';
import type { DeviceTensor } from './deviceTensor.ts';
import type { Outputs } from './execution.ts';
import { execution } from './execution.ts';
import { kernels } from './kernels/index.ts';
import type { OpenProvider } from './providers.ts';
import { TfjsState } from './state.ts';
import { enter, scoped, upload } from './transfer.ts';

/** To be raised when a kernel comes to add its numbers in another order. */
const KERNELS = 1;

type Values = Map<ValueId, DeviceTensor>;

export class TfjsProgram implements Program {
  readonly graph: Graph;
  readonly fingerprint: string;
  readonly scratchBytes: number = 0;
  readonly #provider: OpenProvider;
  readonly #constants: Values;
  readonly #lastUses: ReadonlyMap<Node, readonly ValueId[]>;
  #disposed = false;

  constructor(provider: OpenProvider, graph: Graph) {
    this.graph = graph;
    this.#provider = provider;
    const digest = createHash('sha256').update(print(graph)).digest('hex').slice(0, 16);
    this.fingerprint = `${provider.fingerprint}, kernels ${KERNELS}, graph ${digest}`;
    enter(provider);
    this.#constants = new Map(graph.constants.map(({ value, data }) => [value, upload(provider, data)]));
    this.#lastUses = lastUses(graph);
  }

  run(state: State, feeds: Tensors): Execution {
    return execution(this.graph, () => this.#run(state, feeds));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    for (const value of this.#constants.values()) value.dispose();
    this.#constants.clear();
  }

  #run(state: State, feeds: Tensors): Outputs {
    const { graph } = this;
    if (this.#disposed) throw new BackendError('DISPOSED', `${graph.name}: the program is disposed`);
    if (!(state instanceof TfjsState) || !state.belongsTo(this.#provider)) {
      throw new BackendError('FOREIGN_STATE', `${graph.name}: the state belongs to another device`);
    }
    const fed = checkFeeds(graph, feeds);
    const given: Values = new Map(this.#constants);
    for (const { name, value } of graph.state) given.set(value, state.value(name, typeOf(graph, value)));
    enter(this.#provider);
    try {
      const { updates, outputs } = this.#evaluate(fed, given);
      state.land(updates);
      return outputs;
    } catch (cause) {
      state.poison(cause);
      const reason = messageOf(cause);
      throw new BackendError('RUN_FAILED', `${graph.name}: TensorFlow.js failed: ${reason}`, { cause });
    }
  }

  /** @param given constants and state, which stay their owners' */
  #evaluate(fed: readonly Tensor[], given: Values): { updates: Outputs; outputs: Outputs } {
    const { graph } = this;
    const made: Values = new Map();
    const at = (value: ValueId): DeviceTensor => {
      const tensor = made.get(value) ?? given.get(value);
      if (!tensor) throw new GraphError(`graph "${graph.name}": %${value} has no value`);
      return tensor;
    };
    try {
      graph.inputs.forEach(({ value }, i) => fed[i] && made.set(value, upload(this.#provider, fed[i])));
      for (const node of graph.nodes) {
        this.#evaluateNode(node, at, made);
        for (const value of this.#lastUses.get(node) ?? []) {
          made.get(value)?.dispose();
          made.delete(value);
        }
      }
      return this.#settled(at);
    } finally {
      for (const value of made.values()) value.dispose();
    }
  }

  /** Copies of what outlives the run: all of them or, when one fails, none. */
  #settled(at: (value: ValueId) => DeviceTensor): { updates: Outputs; outputs: Outputs } {
    const copies: DeviceTensor[] = [];
    const settle = (list: readonly Named[]): Outputs =>
      new Map(
        list.map(({ name, value }) => {
          const copy = scoped(this.#provider, () => at(value).settled());
          copies.push(copy);
          return [name, copy];
        }),
      );
    try {
      return { updates: settle(this.graph.updates), outputs: settle(this.graph.outputs) };
    } catch (error) {
      for (const copy of copies) copy.dispose();
      throw error;
    }
  }

  #evaluateNode(node: Node, at: (value: ValueId) => DeviceTensor, made: Values): void {
    const { tf, images } = this.#provider;
    const kernel = kernelFor(kernels, node);
    const [output] = node.outputs; // Primitives have one, and so have the composites of the table.
    if (!kernel || output === undefined) throw new UnsupportedOpError(`${node.op} "${node.name}": no kernel`);
    const { shape } = typeOf(this.graph, output);
    const context = new Context(tf, images, shape, node.inputs.map(at));
    made.set(
      output,
      scoped(this.#provider, () => kernel(context)),
    );
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
