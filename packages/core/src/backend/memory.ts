// The interfaces that a backend implements: memory for tensors, and executables that use it. `H` is the backend's handle of a
// tensor on its device: an array, a buffer, another library's tensor.
import type { PlanData } from './contract.ts';
import type { Graph } from '../graph/graph.ts';
import type { Tensor, Tensors, TensorType } from '../tensor.ts';

/** A tensor with a name for messages. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** One value of a state. */
export interface Entry<H> {
  readonly name: string;
  readonly type: TensorType;
  readonly handle: H;
}

/** Copies tensors to a device and back. `H` is the handle of a tensor there. */
export interface Memory<H> {
  /**
   * Copies tensors to the device, all or none. Floats arrive in the device's type. The arrays belong to the caller and may
   * change once this returns.
   */
  upload(tensors: readonly NamedTensor[]): readonly H[] | Promise<readonly H[]>;
  /** Copies values back to the host. The copies hold the values at the time of the call. */
  download(entries: readonly Entry<H>[]): Tensors | Promise<Tensors>;
  /**
   * Overwrites values in place, for programs that are bound to the memory. Without this method, new values
   * are uploaded and the old ones are freed.
   */
  overwrite?(entries: readonly Entry<H>[], tensors: readonly NamedTensor[]): Promise<void>;
  /** Releases values. Runs that are already enqueued can still use them. */
  free?(handles: readonly H[]): void;
}

/** Memory with synchronous uploads. */
export interface SyncMemory<H> extends Memory<H> {
  upload(tensors: readonly NamedTensor[]): readonly H[];
}

/** One validated run: names and types of feeds and state match the graph. */
export interface RunRequest<H> {
  /** In the order of the graph's inputs. The caller may change the arrays once the run is accepted. */
  readonly feeds: readonly Tensor[];
  /** In the order of the graph's state. */
  readonly state: readonly H[];
  /** Identifies the state that the handles belong to: a key for a backend's per-state data. */
  readonly owner: object;
  /** The outputs that will be read; the set may shrink until the run computes them. */
  readonly wanted: () => ReadonlySet<string>;
}

/** The outputs of a run, until they are read or discarded. */
export interface RunOutputs {
  /** Either `read` or `discard` is called, at most once. */
  read(names: readonly string[]): Tensors | Promise<Tensors>;
  /** Called once, instead of `read`, when the outputs will not be read. */
  discard?(): void;
}

/** The result of a run. */
export interface RunResult<H> {
  /** New values of the state, in the order of the graph's updates; undefined if the run updates the state in place. */
  readonly updates?: readonly H[];
  /** The outputs, to be read or discarded. */
  readonly outputs: RunOutputs;
}

/** A graph that is ready to run. */
export interface Executable<H> {
  /**
   * Identifies the parts of the executable that affect result bits, other than graph, runtime and options:
   * sources, tiles, operators.
   */
  readonly digest?: string | Uint8Array;
  /** The choices made, if any: the program's `plan.data`. */
  readonly choices?: PlanData;
  /** The bytes of device memory besides state and feeds, if known. */
  readonly bytes?: number;
  /**
   * Runs the graph once. A failure poisons the state. New values of the state must be returned synchronously,
   * unless the device's order is 'queued'.
   */
  run(request: RunRequest<H>): RunResult<H> | Promise<RunResult<H>>;
  /** Called once, when no run is in progress. */
  dispose?(): void | Promise<void>;
}

/** The state values that a program may bake in: everything its graph declares, with matching types. */
export type Frozen<H> = ReadonlyMap<string, Entry<H>>;

/** The argument of `build`: a graph and how it may be prepared. */
export interface BuildRequest<H> {
  /** Legal: the device supports every node. */
  readonly graph: Graph;
  /** State values that may be baked in as constants; a backend may ignore them. */
  readonly frozen?: Frozen<H>;
  /**
   * A plan in this backend's format and version, whose contents are unchecked. If the plan does not fit,
   * `build` throws BackendError `PLAN`.
   */
  readonly plan?: PlanData;
}
