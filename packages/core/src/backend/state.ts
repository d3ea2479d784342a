// The state that every backend shares: names and types, job order, commits, poisoning and disposal. A backend supplies the
// memory.
import { BackendError, DataError, defined, GraphError, IsonetError, messageOf } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { typeOf } from '../graph/typeOf.ts';
import { sameType, typeText } from '../tensor.ts';
import type { Tensors } from '../tensor.ts';
import type { Claims, State } from './contract.ts';
import { checkNames, declaredType, heldTensor, wanted } from './feeds.ts';
import type { Entry, Frozen, Memory, NamedTensor } from './memory.ts';
import { Soundness } from './soundness.ts';

export interface StateOptions<H> {
  readonly memory: Memory<H>;
  readonly heldAs: Claims['heldAs'];
  /**
   * - `immediate`: the runtime preserves submission order, so each job is submitted as soon as it is requested.
   * - `queued`: each job starts when the previous one has finished.
   */
  readonly order: 'immediate' | 'queued';
  /** Throws if the device is disposed or lost. */
  readonly checkOpen: () => void;
  /** Throws if the device is lost. Jobs that were requested before disposal still run. */
  readonly checkLost: () => void;
  /** Makes the device's disposal wait for a promise, and returns that promise. */
  readonly track: <T>(work: Promise<T>) => Promise<T>;
  /** Called when the state is disposed. */
  readonly released: () => void;
}

/** State values in use by a build. */
export interface Held<H> {
  readonly entries: Frozen<H>;
  /** Must be called once. */
  readonly release: () => void;
}

/** The callbacks of one run on a state. */
export interface StateRun<H, R> {
  /** Launches the run on these values. */
  readonly launch: (handles: readonly H[]) => R | Promise<R>;
  /** The new values of the graph's updates, unless they were updated in place. */
  readonly updatesOf: (result: R) => readonly H[] | undefined;
  /** Releases the result of a run that an earlier, failed run invalidated. */
  readonly discard: (result: R) => void;
  /** Called when the run has started: any later failure poisons the state. */
  readonly onStart: () => void;
}

export class KitState<H> implements State {
  readonly #memory: Memory<H>;
  readonly #options: StateOptions<H>;
  readonly #entries: Map<string, Entry<H>>;
  /** Settles when the last requested job has finished. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #soundness = new Soundness();
  /** The state names that each graph declares. Entries never change type, so each graph is checked once. */
  readonly #declared = new WeakMap<Graph, readonly string[]>();
  /** The number of builds that use values of this state. */
  #holds = 0;
  /** Values to free when the last hold is released. */
  readonly #unfreed: H[] = [];
  #disposed = false;

  private constructor(options: StateOptions<H>, entries: readonly Entry<H>[]) {
    this.#memory = options.memory;
    this.#options = options;
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  /** @throws DataError for tensors whose data does not fit their shape */
  static async create<H>(options: StateOptions<H>, values: Tensors): Promise<KitState<H>> {
    const types = Object.entries(values).map(([name, tensor]) => ({ name, type: declaredType(tensor) }));
    const handles = await options.memory.upload(heldTensors(values, types, options.heldAs));
    const entries = types.map(({ name, type }, i) => ({ name, type, handle: at(handles, i, name) }));
    return new KitState(options, entries);
  }

  /**
   * Runs a graph in its turn. A refused run (a missing entry, a poisoned state) does not change the state.
   * @throws DataError if an entry is missing or has a different type; BackendError if the state is poisoned
   * or disposed
   */
  async run<R>(graph: Graph, { launch, updatesOf, discard, onStart }: StateRun<H, R>): Promise<R> {
    this.#check();
    return this.#turn(async () => {
      const sound = this.#sound();
      const handles = this.#entriesOf(graph).map(({ handle }) => handle);
      onStart();
      const work = this.#soundness.start(graph.updates.map(({ name }) => name));
      try {
        const launched = launch(handles);
        const late = launched instanceof Promise;
        if (late) this.#soundness.track(work, launched);
        const result = late ? await launched : launched;
        this.#commit(graph, updatesOf(result), late);
        await sound.catch((error: unknown) => {
          discard(result);
          throw error;
        });
        return result;
      } catch (cause) {
        this.#soundness.fail(work, cause);
        throw failureOf(graph, cause);
      }
    });
  }

  /**
   * Holds the entries of a graph for a program that bakes them in, with the values they have when this job's
   * turn comes. The values are not freed until they are released.
   * @throws DataError if an entry is missing or has a different type; BackendError if the state is poisoned
   * or disposed
   */
  async hold(graph: Graph): Promise<Held<H>> {
    this.#check();
    return this.#turn(async () => {
      const sound = this.#sound();
      // Collected before the await: the state may be disposed of meanwhile.
      const entries = new Map(this.#entriesOf(graph).map((entry) => [entry.name, entry]));
      this.#holds++;
      const release = (): void => {
        this.#holds--;
        if (this.#holds === 0) this.#memory.free?.(this.#unfreed.splice(0));
      };
      await sound.catch((error: unknown) => {
        release();
        throw error;
      });
      return { entries, release };
    });
  }

  async read(names?: Iterable<string>): Promise<Tensors> {
    this.#check();
    const picked = new Set(checkNames(names, this.#entries.keys(), 'state'));
    return this.#turn(async () => {
      const sound = this.#sound();
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
    const tensors = heldTensors(values, written, this.#options.heldAs);
    // A queued job may wait, and the caller may change its arrays meanwhile: copy them.
    const own = this.#options.order === 'queued' ? tensors.map(copyOf) : tensors;
    return this.#turn(async () => {
      const names = written.map(({ name }) => name);
      const memory = this.#memory;
      if (memory.overwrite) {
        const done = memory.overwrite(written, own);
        const work = this.#soundness.wrote(names);
        this.#soundness.track(work, done);
        await done.catch((cause: unknown) => {
          this.#soundness.fail(work, cause);
          throw cause;
        });
        return;
      }
      const uploaded = memory.upload(own);
      const late = uploaded instanceof Promise;
      if (late) this.#refuseLate('the values of a write');
      const handles = late ? await uploaded : uploaded;
      written.forEach(({ name }, i) => this.#replace(name, at(handles, i, name)));
      this.#soundness.wrote(names);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#options.order === 'queued') await this.#last;
    this.#free([...this.#entries.values()].map(({ handle }) => handle));
    this.#entries.clear();
    this.#options.released();
  }

  /** Runs a job in its turn. Unless the order is queued, a job runs synchronously up to its first `await`. */
  #turn<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#options.track(this.#options.order === 'queued' ? this.#last.then(job) : job());
    this.#last = done.then(ignore, ignore);
    return done;
  }

  #entriesOf(graph: Graph): readonly Entry<H>[] {
    const declared = this.#declared.get(graph) ?? this.#checkDeclared(graph);
    return declared.map((name) => defined(this.#entries.get(name), `state: the entry "${name}"`));
  }

  #checkDeclared(graph: Graph): readonly string[] {
    const names = graph.state.map(({ name, value }) => {
      const [type, entry] = [typeOf(graph, value), this.#entries.get(name)];
      if (!entry) throw new DataError('MISSING', `state: "${name}" (${typeText(type)}) is missing`);
      if (!sameType(entry.type, type)) {
        throw new DataError(
          'TYPE',
          `state: "${name}" expected ${typeText(type)}, got ${typeText(entry.type)}`,
        );
      }
      return name;
    });
    this.#declared.set(graph, names);
    return names;
  }

  /** Commits the updates of a run, all at once. */
  #commit(graph: Graph, handles: readonly H[] | undefined, late: boolean): void {
    if (!handles) return;
    if (late) this.#refuseLate(`${graph.name}: new values of the state`);
    graph.updates.forEach(({ name }, i) => this.#replace(name, at(handles, i, name)));
  }

  #replace(name: string, handle: H): void {
    const entry = this.#entries.get(name);
    if (!entry) {
      // The state was disposed during the run.
      this.#free([handle]);
      return;
    }
    this.#entries.set(name, { ...entry, handle });
    if (entry.handle !== handle) this.#free([entry.handle]);
  }

  /** Frees values, once every hold is released. */
  #free(handles: readonly H[]): void {
    if (this.#holds > 0) this.#unfreed.push(...handles);
    else this.#memory.free?.(handles);
  }

  /** @throws GraphError for values that arrive after the next job may have started */
  #refuseLate(what: string): void {
    if (this.#options.order === 'queued') return;
    throw new GraphError(`${what} arrived after the next job may have started; use the order 'queued'`);
  }

  /**
   * Resolves when all runs and writes in progress have succeeded.
   * @throws BackendError `POISONED`, thrown immediately if there is an unrepaired failure; DeviceLostError
   */
  #sound(): Promise<unknown> {
    this.#options.checkLost();
    const sound = this.#soundness.check().catch((error: unknown) => {
      this.#options.checkLost(); // A lost device is a more useful report than a poisoned state.
      throw error;
    });
    sound.catch(ignore); // The awaiter gets the rejection.
    return sound;
  }

  #check(): void {
    this.#options.checkOpen();
    if (this.#disposed) throw new BackendError('DISPOSED', 'state: the state is disposed');
  }
}

function at<H>(handles: readonly H[], index: number, name: string): H {
  return defined(handles[index], `state: the device's value of "${name}"`);
}

/** Returns the values of these entries in the device's type. @throws DataError if one is missing or does not fit its type */
function heldTensors(
  values: Tensors,
  entries: readonly Pick<Entry<unknown>, 'name' | 'type'>[],
  heldAs: Claims['heldAs'],
): readonly NamedTensor[] {
  return entries.map(({ name, type }) => ({
    name,
    tensor: heldTensor(wanted(values, name, type, 'state'), heldAs),
  }));
}

function copyOf({ name, tensor }: NamedTensor): NamedTensor {
  // A slice has the same array type, but TypeScript no longer relates it to the dtype.
  return { name, tensor: { ...tensor, data: tensor.data.slice() } as NamedTensor['tensor'] };
}

/** Returns the error that a failed run rejects with. */
function failureOf(graph: Graph, cause: unknown): unknown {
  if (cause instanceof IsonetError) return cause;
  return new BackendError('RUN', `${graph.name}: the run failed: ${messageOf(cause)}`, { cause });
}

function ignore(): void {}
