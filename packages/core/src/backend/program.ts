// The program of all backends: a run is checked, takes its turn on its state, and its outputs wait for whoever reads them.
import { BackendError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Tensors } from '../tensor.ts';
import type { Claims, Execution, Plan, Program, State } from './contract.ts';
import { executionOf } from './execution.ts';
import { GraphFeeds, heldTensor } from './feeds.ts';
import type { Executable, RunOutputs, RunResult } from './memory.ts';
import type { KitState } from './state.ts';
import { UnderWay } from './underWay.ts';

/** What a program needs of its device. */
export interface ProgramParts<H> {
  readonly heldAs: Claims['heldAs'];
  /** @throws BackendError when the state is another device's */
  readonly own: (state: State) => KitState<H>;
  /** Throws when the device is disposed or lost. */
  readonly check: () => void;
  /** Throws when the device has let go of everything: until then, runs that were begun can be read. */
  readonly checkHeld: () => void;
  /** Makes the device's disposal wait for a promise, which it returns. */
  readonly track: <T>(work: Promise<T>) => Promise<T>;
  /** Outputs that were neither read nor discarded, for the device to free; undefined where memory is garbage-collected. */
  readonly unread: Set<RunOutputs> | undefined;
  /** Called when the program is gone. */
  readonly released: () => void;
}

export class KitProgram<H> implements Program {
  readonly graph: Graph;
  readonly plan: Plan;
  readonly bytes?: number;
  readonly #executable: Executable<H>;
  readonly #parts: ProgramParts<H>;
  readonly #feeds: GraphFeeds;
  readonly #outputs: ReadonlySet<string>;
  readonly #underWay = new UnderWay();
  #disposal: Promise<void> | undefined;

  constructor(graph: Graph, executable: Executable<H>, plan: Plan, parts: ProgramParts<H>) {
    this.graph = graph;
    this.plan = plan;
    if (executable.bytes !== undefined) this.bytes = executable.bytes;
    this.#executable = executable;
    this.#parts = parts;
    this.#feeds = new GraphFeeds(graph);
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
  }

  run(state: State, feeds: Tensors): Execution {
    const { checkHeld, track, unread } = this.#parts;
    let wanted = this.#outputs;
    let begun = false;
    const onBegin = (): void => {
      begun = true;
    };
    const outputs = track(this.#underWay.add(this.#start(state, feeds, () => wanted, onBegin)));
    const accepted = outputs.then(
      (made) => void unread?.add(made),
      (error: unknown) => {
        if (!begun) throw error;
      },
    );
    return executionOf(this.graph, accepted, {
      read: async (names) => {
        checkHeld();
        wanted = new Set(names);
        const reading = outputs.then((made) => {
          unread?.delete(made);
          return made.read(names);
        });
        return track(reading);
      },
      discard: () => {
        wanted = new Set();
        outputs.then(
          // Unless the device's disposal came first.
          (made) => (unread && !unread.delete(made) ? undefined : made.discard?.()),
          () => undefined,
        );
      },
    });
  }

  /** Waits for the runs that are under way. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    await this.#underWay.settled();
    try {
      await this.#executable.dispose?.();
    } finally {
      this.#parts.released();
    }
  }

  /** Async, so that what it throws becomes a rejection; everything up to the state's turn happens at once. */
  async #start(
    state: State,
    feeds: Tensors,
    wanted: () => ReadonlySet<string>,
    onBegin: () => void,
  ): Promise<RunOutputs> {
    const { graph } = this;
    const { heldAs, own, check } = this.#parts;
    check();
    if (this.#disposal) throw new BackendError('DISPOSED', `${graph.name}: the program is disposed`);
    const owner = own(state);
    const fed = this.#feeds.inOrder(feeds).map((tensor) => heldTensor(tensor, heldAs));
    const { outputs } = await owner.run<RunResult<H>>(graph, {
      launch: (handles) => this.#executable.run({ feeds: fed, state: handles, owner, wanted }),
      updatesOf: ({ updates }) => updates,
      discard: (result) => result.outputs.discard?.(),
      onBegin,
    });
    return outputs;
  }
}
