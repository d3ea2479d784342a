/// <reference lib="esnext.disposable" preserve="true" />
// The contract between core and the backends. A backend receives a whole graph, never one op per call, and returns an
// executable program. The rest of this folder, the kit, implements most of it.
import type { Graph } from '../graph/graph.ts';
import type { Tensors } from '../tensor.ts';

/** A plug-in: a plain value, with no registration. Nothing of its runtime loads before `probe` or `open`. */
export interface Backend {
  /** Short and stable, for messages and plan ids: `webgpu`. */
  readonly name: string;
  /** The edition of this contract. */
  readonly contract: 2;
  /** Lists the available devices, or the reason there are none and how to fix it. Never throws. */
  probe(): Promise<Probe>;
  /**
   * Each call gives a device of its own: disposing one leaves the others.
   * @throws BackendError when the device is not there; `UNKNOWN_OPTION` for an option that this backend
   * does not have, `OPTION` for one out of its range
   */
  open(options?: OpenOptions): Promise<Device>;
}

/** The settings of a device. All of them decide bits, so all of them are part of each plan's id. */
export interface OpenOptions {
  /** A `DeviceInfo.id`; by default the first device that is not a software driver. */
  readonly device?: string;
  /** Threads within an operator, by default the processor's. */
  readonly threads?: number;
  /** Products of float32 rounded to 10 bits on the way into NVIDIA's tensor cores: faster, coarser. Default false. */
  readonly tf32?: boolean;
  /** Limits of the runtime by its own names, e.g. WebGPU's `maxStorageBufferBindingSize`; by default all that there is. */
  readonly limits?: Readonly<Record<string, number>>;
}

/** A device as `probe` lists it. */
export interface DeviceInfo {
  /** Names it among the backend's: what `open` takes as `device`. */
  readonly id: string;
  /** 'software' runs a GPU's interface on the cpu: right, and slow; it is never taken unless asked for. */
  readonly kind: 'gpu' | 'cpu' | 'software';
  /** For people: the card, the provider, versions. */
  readonly text: string;
}

/** The devices that are there; or a stable code, the reason that there are none, and the fix. */
export type Probe =
  | {
      readonly ok: true;
      readonly devices: readonly DeviceInfo[];
      /** Those that the backend knows and that are not here. */
      readonly absent?: readonly AbsentDevice[];
    }
  | { readonly ok: false; readonly code: string; readonly reason: string; readonly fix: string };

/** A device that is not here: why not, and what to do about it, each a line without its end. */
export interface AbsentDevice {
  /** What `open` takes once it is here. */
  readonly id: string;
  readonly reason: string;
  readonly fix: string;
}

/** The float types of graphs. */
export type FloatType = 'float32';

/** What a device claims about its arithmetic in one type. The conformance suite tests each claim. */
export interface Claims {
  /** The type that values are held and computed in; reads return it. */
  readonly heldAs: 'float32' | 'float64';
  /** The same plan on the same state and feeds gives the same bits, in another process too. */
  readonly reproducible: boolean;
  /** Numbers below 2^-126 are kept, not flushed to 0. */
  readonly subnormals: boolean;
  /**
   * Infinities and NaN are as in IEEE 754, in arithmetic and comparisons. A training step does not rely on it, since it asks
   * `allFinite` of the loss, every gradient and everything that it would write.
   */
  readonly nonFinite: boolean;
  /** What maxima make of infinities and NaN, by op: many libraries drop a NaN. */
  readonly maxima: Readonly<Record<MaximumOp, Maxima>>;
}

/**
 * Whose maxima are claimed. `max` stands for `min`, `relu` and `clip` too, `reduceMax` for `argMax` of infinities. What `argMax`
 * makes of a NaN is open.
 */
export type MaximumOp = 'max' | 'reduceMax' | 'maxPool2d';

/**
 * infinities: the maximum of infinities and numbers is right, -Infinity where there is nothing else, and the first of a tie gets
 * the gradient of a pooling. all: and wherever a NaN takes part, wherever it lies, the result is NaN (IEEE 754-2019, maximum).
 * none: neither is promised.
 */
export type Maxima = 'all' | 'infinities' | 'none';

/**
 * An opened device: compiles graphs and holds their states. Its disposal waits for what was asked before: runs, reads and
 * writes are done, and a run that was begun can be read until nothing is left to wait for. Then the device lets go of its
 * programs, its states and the outputs that were not read. What it, or anything of it, is asked from the disposal on throws
 * BackendError `DISPOSED`, `NAME: the device is disposed; open it again`, whatever else is wrong with it; so do states and
 * programs that were still being made. Disposing again does nothing more.
 */
export interface Device extends AsyncDisposable {
  /** What it is, as `probe` lists it. */
  readonly info: DeviceInfo;
  /** What it claims of each float type of graphs. */
  readonly numerics: Readonly<Record<FloatType, Claims>>;
  /** Resolves with the reason when the device goes away; then everything pending rejects with DeviceLostError. Disposal is no loss. */
  readonly lost: Promise<string>;
  /** Copies values to the device. @throws DataError for a tensor whose data do not fit its shape */
  createState(values: Tensors): Promise<State>;
  /**
   * Makes a program of a graph: composites that the device does not run are decomposed. Deterministic, and times nothing.
   * @throws UnsupportedOpError with a list of all nodes that it cannot run, and why
   * @throws BackendError `PLAN` when it cannot make exactly the plan that it was given
   */
  compile(graph: Graph, options?: CompileOptions): Promise<Program>;
}

/** The options of `Device.compile`. */
export interface CompileOptions {
  /**
   * The state's values may be baked in as constants: faster where the runtime prepares constant weights. Writes after the
   * program is made need not be seen; a write while it is made may be or not.
   */
  readonly frozen?: State;
  /** The `plan.data` of an earlier program of the same graph: the same choices are made again. */
  readonly plan?: PlanData;
}

/** What was chosen when a program was made, as JSON. Untrusted input: validate it on read. */
export interface PlanData {
  /** Names the backend and what kind of choices these are. */
  readonly format: string;
  /** Of the format; a device takes only its own. */
  readonly version: number;
  readonly [key: string]: Json;
}

/** Anything that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Everything that decides the order of sums, and so the bits. */
export interface Plan {
  /**
   * A digest of kernels, tiles, layouts, options, threads, adapter, driver and runtime: programs of one graph with the same
   * id give the same bits, where the device claims to be reproducible.
   */
  readonly id: string;
  /** The choices among them, where there were any: what `compile` takes to make the same plan again. */
  readonly data?: PlanData;
}

/**
 * Weights, optimizer slots and buffers on a device: one, shared by many programs. Everything asked of it, runs included,
 * happens in the order in which it is asked.
 */
export interface State extends AsyncDisposable {
  /** Copies, all by default. @throws DataError for a name that it does not have */
  read(names?: Iterable<string>): Promise<Tensors>;
  /**
   * Replaces some values, all of their old types. Once everything is written that a failed run would have updated, the state
   * is no longer poisoned.
   */
  write(values: Tensors): Promise<void>;
}

/** A graph that was compiled for one device; runs on any state that has what the graph declares. */
export interface Program extends AsyncDisposable {
  /** The legalized graph. Composites that remain in it run natively. */
  readonly graph: Graph;
  /** Identifies the bits that it gives. */
  readonly plan: Plan;
  /** Bytes of device memory that the program holds besides state and feeds, where they are known. */
  readonly bytes?: number;
  /**
   * Enqueues one run: reads see the state before it, all updates are committed together. Runs on one state keep their order.
   */
  run(state: State, feeds: Tensors): Execution;
}

/** A run under way. Each execution is read or discarded, once. */
export interface Execution {
  /**
   * The feeds are copied or consumed: their memory may be changed. Rejects with what was refused before the run began;
   * later failures reject `read`, and poison the state.
   */
  readonly accepted: Promise<void>;
  /** Outputs by name, all by default. @throws BackendError when the run failed; its state is then poisoned */
  read(names?: Iterable<string>): Promise<Tensors>;
  /** Lets go of the outputs unread. The state is updated all the same. */
  discard(): void;
}
