// One run under way. The cpu provider computes on the thread that asks, so a run begins when that thread is free; who has
// said by then which outputs matter spares the transfer of the others.
import type { Execution, Graph, Tensors } from '@isonet/core';
import { BackendError, checkNames } from '@isonet/core';

export class OnnxExecution implements Execution {
  readonly accepted: Promise<void>;
  readonly #graph: Graph;
  readonly #outputs: Promise<Tensors>;
  #wanted: ReadonlySet<string>;
  #consumed = false;

  constructor(graph: Graph, start: (wantedNames: () => ReadonlySet<string>) => Promise<Tensors>) {
    this.#graph = graph;
    this.#wanted = new Set(graph.outputs.map(({ name }) => name));
    this.#outputs = start(() => this.#wanted);
    // The feeds' memory is read in place: it is free once the run is over. Errors wait for whoever reads; nobody has to.
    this.accepted = settled(this.#outputs);
    this.accepted.catch(() => undefined);
  }

  async read(names?: Iterable<string>): Promise<Tensors> {
    if (this.#consumed) {
      throw new BackendError('CONSUMED', `${this.#graph.name}: this run was already read or discarded`);
    }
    this.#consumed = true;
    const picked = checkNames(
      names,
      this.#graph.outputs.map(({ name }) => name),
      this.#graph.name,
    );
    this.#wanted = new Set(picked);
    const outputs = await this.#outputs;
    return Object.fromEntries(picked.flatMap((name) => (outputs[name] ? [[name, outputs[name]]] : [])));
  }

  discard(): void {
    this.#consumed = true;
    this.#wanted = new Set();
  }
}

async function settled(outputs: Promise<Tensors>): Promise<void> {
  await outputs;
}
