// The program that every backend shares: it checks a run, waits for the run's turn on its state, and holds the outputs until
// they are read.
import { BackendError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Tensors } from '../tensor.ts';
import type { Claims, Execution, Plan, Program, State } from './contract.ts';
import { executionOf } from './execution.ts';
import { GraphFeeds, heldTensor } from './feeds.ts';
import type { Executable, RunOutputs, RunResult } from './memory.ts';
import type { KitState } from './state.ts';
import { PendingWork } from './pendingWork.ts';

/** The parts of the device that a program needs. */
export interface ProgramParts<H> {
  readonly heldAs: Claims['heldAs'];
  /** @throws BackendError if the state belongs to another device */
  readonly own: (state: State) => KitState<H>;
  /** Throws if the device is disposed or lost. */
  readonly check: () => void;
  /** Throws once the device has released everything. Until then, runs that have started can be read. */
  readonly checkHeld: () => void;
  /** Makes the device's disposal wait for a promise, and returns that promise. */
  readonly track: <T>(work: Promise<T>) => Promise<T>;
  /**
   * Outputs that are neither read nor discarded and that the device must free; undefined if memory is
   * garbage-collected.
   */
  readonly unread: Set<RunOutputs> | undefined;
  /** Called when the program is disposed. */
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
  readonly #pending = new PendingWork();
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
    let started = false;
    const onStart = (): void => {
      started = true;
    };
    const outputs = track(this.#pending.add(this.#start(state, feeds, () => wanted, onStart)));
    const accepted = outputs.then(
      (made) => void unread?.add(made),
      (error: unknown) => {
        if (!started) throw error;
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
          // The device's disposal may already have discarded the outputs.
          (made) => (unread && !unread.delete(made) ? undefined : made.discard?.()),
          () => undefined,
        );
      },
    });
  }

  /** Waits for runs in progress, then disposes of the executable. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    await this.#pending.settled();
    try {
      await this.#executable.dispose?.();
    } finally {
      this.#parts.released();
    }
  }

  /** Async, so that a throw becomes a rejection. The checks run synchronously, before the run waits for its turn. */
  async #start(
    state: State,
    feeds: Tensors,
    wanted: () => ReadonlySet<string>,
    onStart: () => void,
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
      onStart,
    });
    return outputs;
  }
}
