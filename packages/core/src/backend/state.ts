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
import { Soundness } from './soundness.ts';

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
  /** Makes the device's disposal wait for a promise, which it returns. */
  readonly track: <T>(work: Promise<T>) => Promise<T>;
  /** Called when the state is gone. */
  readonly released: () => void;
}

/** Values that a program is being built with. */
export interface Held<H> {
  readonly entries: Frozen<H>;
  /** To be called once. */
  readonly release: () => void;
}

/** What one run on a state does. */
export interface StateRun<H, R> {
  /** Launches the run on these values. */
  readonly launch: (handles: readonly H[]) => R | Promise<R>;
  /** The new values of the graph's updates, unless they were updated in place. */
  readonly updatesOf: (result: R) => readonly H[] | undefined;
  /** Releases the result of a run that an earlier, failed run invalidated. */
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
  readonly #soundness = new Soundness();
  /** By graph, the names that it declares: an entry keeps its type, so that each is checked once. */
  readonly #declared = new WeakMap<Graph, readonly string[]>();
  /** Programs that are being built with values of this state. */
  #holds = 0;
  /** Values that are freed when nothing is held any more. */
  readonly #unfreed: H[] = [];
  #disposed = false;

  private constructor(options: StateOptions<H>, entries: readonly Entry<H>[]) {
    this.#memory = options.memory;
    this.#options = options;
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  /** @throws DataError for tensors whose data do not fit their shape */
  static async create<H>(options: StateOptions<H>, values: Tensors): Promise<KitState<H>> {
    const types = Object.entries(values).map(([name, tensor]) => ({ name, type: declaredType(tensor) }));
    const handles = await options.memory.upload(heldTensors(values, types, options.heldAs));
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
      const sound = this.#sound();
      const handles = this.#entriesOf(graph).map(({ handle }) => handle);
      onBegin();
      const work = this.#soundness.begin(graph.updates.map(({ name }) => name));
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
   * The entries of a graph as they are in this job's turn, for a program that bakes them in. They are not freed before
   * they are released.
   * @throws DataError when an entry is missing or of another type; BackendError when the state is poisoned or disposed
   */
  async hold(graph: Graph): Promise<Held<H>> {
    this.#check();
    return this.#turn(async () => {
      const sound = this.#sound();
      // Taken at once: the state may be disposed of while what is under way is waited for.
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
    // A copy where the job may have to wait: the caller may go on to change its arrays.
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

  /** Runs a job when it is its turn. An async job runs at once up to its first `await`. */
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

  /** The updates of a run, all at once. */
  #commit(graph: Graph, handles: readonly H[] | undefined, late: boolean): void {
    if (!handles) return;
    if (late) this.#refuseLate(`${graph.name}: new values of the state`);
    graph.updates.forEach(({ name }, i) => this.#replace(name, at(handles, i, name)));
  }

  #replace(name: string, handle: H): void {
    const entry = this.#entries.get(name);
    if (!entry) {
      // The state was disposed while the run was under way.
      this.#free([handle]);
      return;
    }
    this.#entries.set(name, { ...entry, handle });
    if (entry.handle !== handle) this.#free([entry.handle]);
  }

  /** Frees values, once no program that is being built holds any. */
  #free(handles: readonly H[]): void {
    if (this.#holds > 0) this.#unfreed.push(...handles);
    else this.#memory.free?.(handles);
  }

  /** @throws GraphError for values that come after the next job was let in */
  #refuseLate(what: string): void {
    if (this.#options.order === 'queued') return;
    throw new GraphError(`${what} came after the next job was let in: the device has to be queued`);
  }

  /**
   * Resolves when no run that still matters fails.
   * @throws BackendError `POISONED` at once when one is known to have failed; DeviceLostError
   */
  #sound(): Promise<unknown> {
    this.#options.checkLost();
    const sound = this.#soundness.check().catch((error: unknown) => {
      this.#options.checkLost(); // A lost device says more than a poisoned state.
      throw error;
    });
    sound.catch(ignore); // The awaiter gets the rejection.
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

/** The values of these entries, as the device holds them. @throws DataError when one is missing or does not fit its type */
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
  // A slice is an array of the same kind; TypeScript forgets that it goes with the dtype.
  return { name, tensor: { ...tensor, data: tensor.data.slice() } as NamedTensor['tensor'] };
}

/** What the run that failed rejects with. */
function failureOf(graph: Graph, cause: unknown): unknown {
  if (cause instanceof IsonetError) return cause;
  return new BackendError('RUN', `${graph.name}: the run failed: ${messageOf(cause)}`, { cause });
}

function ignore(): void {}
