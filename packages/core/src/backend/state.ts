// The state of all backends: names and types, the order of what is asked, commits, poisoning and disposal. A backend
// supplies the memory.
import { BackendError, DataError, defined, GraphError, IsonetError, messageOf } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { typeOf } from '../graph/typeOf.ts';
import { sameType, typeText } from '../tensor.ts';
import type { Tensors } from '../tensor.ts';
import type { Claims, State } from './contract.ts';
import { checkNames, declaredType, heldTensor, wanted } from './feeds.ts';
import type { Entry, Frozen, Memory, NamedTensor } from './memory.ts';

export interface StateOptions<H> {
  readonly memory: Memory<H>;
  readonly heldAs: Claims['heldAs'];
  /**
   * immediate: the runtime keeps the order of what it is given, so that jobs are handed to it when they are asked for.
   * queued: each job begins when the one before it is over.
   */
  readonly order: 'immediate' | 'queued';
  /** Throws when the device is disposed or lost. */
  readonly checkOpen: () => void;
  /** Throws when the device is lost. What was asked of it before it was disposed is still done. */
  readonly checkLost: () => void;
}

/** What one run on a state does. */
export interface StateRun<H, R> {
  /** Launches the run on these values. */
  readonly launch: (handles: readonly H[]) => R | Promise<R>;
  /** The new values of the graph's updates, unless they were updated in place. */
  readonly updatesOf: (result: R) => readonly H[] | undefined;
  /** Releases a result that nobody gets, because an earlier run has failed meanwhile. */
  readonly discard: (result: R) => void;
  /** Called when the run has begun: what fails from now on poisons the state. */
  readonly onBegin: () => void;
}

export class KitState<H> implements State {
  readonly #memory: Memory<H>;
  readonly #options: StateOptions<H>;
  readonly #entries: Map<string, Entry<H>>;
  /** Settles when the last job that was asked for is over. */
  #last: Promise<unknown> = Promise.resolve();
  /** Rejects when a run that was handed over since the last write fails. */
  #outcome: Promise<unknown> = Promise.resolve();
  /** The first failure since the last write, once it is known. */
  #failure: { readonly cause: unknown } | undefined;
  /** Writes so far: a failure is forgotten by the next one. */
  #heals = 0;
  #disposed = false;

  private constructor(options: StateOptions<H>, entries: readonly Entry<H>[]) {
    this.#memory = options.memory;
    this.#options = options;
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  /** @throws DataError for tensors whose data do not fit their shape */
  static async create<H>(options: StateOptions<H>, values: Tensors): Promise<KitState<H>> {
    options.checkOpen();
    const types = Object.entries(values).map(([name, tensor]) => ({ name, type: declaredType(tensor) }));
    const tensors = types.map(({ name, type }) => ({
      name,
      tensor: heldTensor(wanted(values, name, type, 'state'), options.heldAs),
    }));
    const handles = await options.memory.upload(tensors);
    const entries = types.map(({ name, type }, i) => ({ name, type, handle: at(handles, i, name) }));
    return new KitState(options, entries);
  }

  /**
   * One run of a graph, in its turn. What is refused (a missing entry, a poisoned state) leaves the state as it was.
   * @throws DataError when an entry is missing or of another type; BackendError when the state is poisoned or disposed
   */
  async run<R>(graph: Graph, { launch, updatesOf, discard, onBegin }: StateRun<H, R>): Promise<R> {
    this.#check();
    return this.#turn(async () => {
      const sound = this.#soundness();
      const handles = this.#entriesOf(graph).map(({ handle }) => handle);
      onBegin();
      const heals = this.#heals;
      try {
        const launched = launch(handles);
        const pending = launched instanceof Promise;
        // Jobs that are handed over meanwhile learn of a failure as soon as it is known.
        if (pending) this.#outcome = both(this.#outcome, launched);
        const result = pending ? await launched : launched;
        this.#commit(graph, updatesOf(result), pending);
        await sound.catch((error: unknown) => {
          discard(result);
          throw error;
        });
        return result;
      } catch (cause) {
        // A write since then has healed the state.
        if (heals === this.#heals) this.#failure ??= { cause };
        throw failureOf(graph, cause);
      }
    });
  }

  /**
   * The entries of a graph as they are in this job's turn, for a program that bakes them in.
   * @throws DataError when an entry is missing or of another type; BackendError when the state is poisoned or disposed
   */
  async hold(graph: Graph): Promise<Frozen<H>> {
    this.#check();
    return this.#turn(async () => {
      await this.#soundness();
      return new Map(this.#entriesOf(graph).map((entry) => [entry.name, entry]));
    });
  }

  async read(names?: Iterable<string>): Promise<Tensors> {
    this.#check();
    const picked = new Set(checkNames(names, this.#entries.keys(), 'state'));
    return this.#turn(async () => {
      const sound = this.#soundness();
      const values = this.#memory.download(
        [...this.#entries.values()].filter(({ name }) => picked.has(name)),
      );
      const [tensors] = await Promise.all([values, sound]);
      return tensors;
    });
  }

  async write(values: Tensors): Promise<void> {
    this.#check();
    checkNames(Object.keys(values), this.#entries.keys(), 'state');
    const written = [...this.#entries.values()].filter(({ name }) => Object.hasOwn(values, name));
    const tensors = written.map(({ name, type }) => ({
      name,
      // A copy where the job may have to wait: the caller may go on to change its arrays.
      tensor: heldTensor(wanted(values, name, type, 'state'), this.#options.heldAs),
    }));
    const own = this.#options.order === 'queued' ? tensors.map(copyOf) : tensors;
    return this.#turn(async () => {
      const memory = this.#memory;
      if (memory.overwrite) {
        const done = memory.overwrite(written, own);
        this.#heal(done);
        await done;
        return;
      }
      const uploaded = memory.upload(own);
      const handles = uploaded instanceof Promise ? await uploaded : uploaded;
      written.forEach(({ name }, i) => this.#replace(name, at(handles, i, name)));
      this.#heal(Promise.resolve());
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#options.order === 'queued') await this.#last;
    this.#memory.free?.([...this.#entries.values()].map(({ handle }) => handle));
    this.#entries.clear();
  }

  /** Runs a job when it is its turn. An async job runs at once up to its first `await`. */
  #turn<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#options.order === 'queued' ? this.#last.then(job) : job();
    this.#last = done.then(ignore, ignore);
    return done;
  }

  #entriesOf(graph: Graph): readonly Entry<H>[] {
    return graph.state.map(({ name, value }) => {
      const [type, entry] = [typeOf(graph, value), this.#entries.get(name)];
      if (!entry) throw new DataError('MISSING', `state: "${name}" (${typeText(type)}) is missing`);
      if (!sameType(entry.type, type)) {
        throw new DataError(
          'TYPE',
          `state: "${name}" expected ${typeText(type)}, got ${typeText(entry.type)}`,
        );
      }
      return entry;
    });
  }

  /** The updates of a run, all at once. */
  #commit(graph: Graph, handles: readonly H[] | undefined, late: boolean): void {
    if (!handles) return;
    if (late && this.#options.order === 'immediate') {
      throw new GraphError(`${graph.name}: new values of the state came after the next job was let in`);
    }
    graph.updates.forEach(({ name }, i) => this.#replace(name, at(handles, i, name)));
  }

  #replace(name: string, handle: H): void {
    const entry = this.#entries.get(name);
    if (!entry) {
      // The state was disposed while the run was under way.
      this.#memory.free?.([handle]);
      return;
    }
    this.#entries.set(name, { ...entry, handle });
    if (entry.handle !== handle) this.#memory.free?.([entry.handle]);
  }

  /** @param written rejects when the write itself fails, which poisons the state again */
  #heal(written: Promise<unknown>): void {
    this.#failure = undefined;
    this.#outcome = written;
    this.#heals++;
    const heals = this.#heals;
    written.catch((cause: unknown) => {
      if (heals === this.#heals) this.#failure ??= { cause };
    });
  }

  /**
   * Resolves when no run so far has failed; rejects with POISONED.
   * @throws BackendError at once when one is known to have failed, and nothing was written since
   */
  #soundness(): Promise<unknown> {
    this.#options.checkLost();
    if (this.#failure) throw poisoned(this.#failure.cause);
    const sound = this.#outcome.catch((cause: unknown) => {
      this.#options.checkLost();
      throw poisoned(cause);
    });
    sound.catch(ignore); // Whoever awaits it is told; a job that fails before that says so itself.
    return sound;
  }

  #check(): void {
    this.#options.checkOpen();
    if (this.#disposed) throw new BackendError('DISPOSED', 'state: it is disposed');
  }
}

function at<H>(handles: readonly H[], index: number, name: string): H {
  return defined(handles[index], `state: the device's value of "${name}"`);
}

function copyOf({ name, tensor }: NamedTensor): NamedTensor {
  // A slice is an array of the same kind; TypeScript forgets that it goes with the dtype.
  return { name, tensor: { ...tensor, data: tensor.data.slice() } as NamedTensor['tensor'] };
}

/** What the run that failed rejects with. */
function failureOf(graph: Graph, cause: unknown): unknown {
  if (cause instanceof IsonetError) return cause;
  return new BackendError('RUN', `${graph.name}: the run failed: ${messageOf(cause)}`, { cause });
}

/** Rejects with the first failure; nobody has to listen. */
function both(before: Promise<unknown>, after: Promise<unknown>): Promise<unknown> {
  const joined = before.then(() => after);
  joined.catch(ignore);
  after.catch(ignore);
  return joined;
}

function poisoned(cause: unknown): BackendError {
  const message = 'state: a run on it failed; write to it before it is used again';
  return new BackendError('POISONED', message, { cause });
}

function ignore(): void {}
