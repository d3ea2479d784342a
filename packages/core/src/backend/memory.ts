// The part of the kit that a backend writes: memory for tensors, and programs over it. `H` is the backend's own handle of
// a tensor on its device: an array, a buffer, another library's tensor.
import type { PlanData } from './contract.ts';
import type { Graph } from '../graph/graph.ts';
import type { Tensor, Tensors, TensorType } from '../tensor.ts';

/** A tensor, and its name for messages. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** A value of a state. */
export interface Entry<H> {
  readonly name: string;
  readonly type: TensorType;
  readonly handle: H;
}

/** Copies tensors to a device and back. `H` is the handle of a tensor there. */
export interface Memory<H> {
  /**
   * Copies tensors to the device, all or none. Floats come as the device holds them. The arrays are the caller's: they may
   * change once this returns.
   */
  upload(tensors: readonly NamedTensor[]): readonly H[] | Promise<readonly H[]>;
  /** Copies values back, as they are when this is called. */
  download(entries: readonly Entry<H>[]): Tensors | Promise<Tensors>;
  /**
   * Overwrites values in place, for memory that programs are bound to. Without it, new values are uploaded and the old ones
   * are freed.
   */
  overwrite?(entries: readonly Entry<H>[], tensors: readonly NamedTensor[]): Promise<void>;
  /** Releases values. Runs that were enqueued before still see them. */
  free?(handles: readonly H[]): void;
}

/** Memory that is there at once. */
export interface SyncMemory<H> extends Memory<H> {
  upload(tensors: readonly NamedTensor[]): readonly H[];
}

/** One run, checked: feeds and state are those of the graph, and of its types. */
export interface RunRequest<H> {
  /** In the order of the graph's inputs. The memory is the caller's until the run is accepted. */
  readonly feeds: readonly Tensor[];
  /** In the order of the graph's state. */
  readonly state: readonly H[];
  /** Identifies the state that these belong to: a key for what a backend keeps per state. */
  readonly owner: object;
  /** The outputs that are still wanted; may shrink until the run computes them. */
  readonly wanted: () => ReadonlySet<string>;
}

/** The outputs of a run, until they are read or discarded. */
export interface RunOutputs {
  /** Called once, or `discard` is, or neither. */
  read(names: readonly string[]): Tensors | Promise<Tensors>;
  /** Called once, instead of `read`, when nobody wants the outputs any more. */
  discard?(): void;
}

/** What a run gives. */
export interface RunResult<H> {
  /** New values of the state, in the order of the graph's updates; none where the run updates it in place. */
  readonly updates?: readonly H[];
  /** The results, to be read or discarded. */
  readonly outputs: RunOutputs;
}

/** A graph made ready to run. */
export interface Executable<H> {
  /** What was built, as far as it decides bits beyond graph, runtime and options: sources, tiles, operators. */
  readonly digest?: string | Uint8Array;
  /** What was chosen, where something was: the program's `plan.data`. */
  readonly choices?: PlanData;
  /** Bytes of device memory besides state and feeds, where they are known. */
  readonly bytes?: number;
  /**
   * Runs once. A failure poisons the state. New values of the state are returned at once, unless the
   * device's order is 'queued'.
   */
  run(request: RunRequest<H>): RunResult<H> | Promise<RunResult<H>>;
  /** Called once, when no run is under way. */
  dispose?(): void | Promise<void>;
}

/** The values of a state that a program may bake in: all that its graph declares, of its types. */
export type Frozen<H> = ReadonlyMap<string, Entry<H>>;

/** What `build` is given: a graph, and how it may be prepared. */
export interface BuildRequest<H> {
  /** Legal: the device supports every node. */
  readonly graph: Graph;
  /** May be baked in as constants; a backend may ignore it. */
  readonly frozen?: Frozen<H>;
  /** Of this backend's format and version; checked no further. @throws BackendError `PLAN`, from build, when it does not fit */
  readonly plan?: PlanData;
}
