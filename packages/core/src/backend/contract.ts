/// <reference lib="esnext.disposable" preserve="true" />
// The contract between core and the backends. A backend receives a whole graph, never one op per call, and returns an
// executable program. The rest of this folder is the backend kit, which implements most of the contract.
import type { Graph } from '../graph/graph.ts';
import type { Tensors } from '../tensor.ts';

/** A backend plug-in: a plain value that needs no registration. Its runtime loads on the first call of `probe` or `open`. */
export interface Backend {
  /** A short, stable name for messages and plan ids, e.g. `webgpu`. */
  readonly name: string;
  /** The version of this contract. */
  readonly contract: 2;
  /** Lists the available devices. If there are none, returns the reason and the fix. Never throws. */
  probe(): Promise<Probe>;
  /**
   * Opens a device. Each call returns an independent device: disposing one does not affect the others.
   * @throws BackendError when the device is not available; `UNKNOWN_OPTION` for an option that this backend does not have,
   * `OPTION` for a value out of range
   */
  open(options?: OpenOptions): Promise<Device>;
}

/** The settings of a device. Each of them can change result bits, so all are part of every plan's id. */
export interface OpenOptions {
  /** A `DeviceInfo.id`. Default: the first device that is not a software driver. */
  readonly device?: string;
  /** The number of threads within an operator. Default: the processor's thread count. */
  readonly threads?: number;
  /** Lets NVIDIA tensor cores round float32 factors to 10 mantissa bits (TF32): faster, less precise. Default false. */
  readonly tf32?: boolean;
  /** Limits of the runtime under its own names, e.g. WebGPU's `maxStorageBufferBindingSize`. Default: the maximum available. */
  readonly limits?: Readonly<Record<string, number>>;
}

/** A device as `probe` lists it. */
export interface DeviceInfo {
  /** The id that `open` accepts as `device`, unique within the backend. */
  readonly id: string;
  /** 'software' emulates a GPU on the CPU: correct but slow. It is never selected by default. */
  readonly kind: 'gpu' | 'cpu' | 'software';
  /** A description for people: the card, the provider, versions. */
  readonly text: string;
}

/** The available devices; or a stable code, the reason there are none, and the fix. */
export type Probe =
  | {
      readonly ok: true;
      readonly devices: readonly DeviceInfo[];
      /** Devices that the backend knows but that are not available here. */
      readonly absent?: readonly AbsentDevice[];
    }
  | { readonly ok: false; readonly code: string; readonly reason: string; readonly fix: string };

/** An unavailable device, with the reason and the fix. Each is one line without a trailing newline. */
export interface AbsentDevice {
  /** The id that `open` accepts once the device is available. */
  readonly id: string;
  readonly reason: string;
  readonly fix: string;
}

/** The float types that a graph can use. */
export type FloatType = 'float32';

/** A device's claims about its arithmetic in one type. The conformance suite tests each claim. */
export interface Claims {
  /** The type in which values are stored, computed and read. */
  readonly heldAs: 'float32' | 'float64';
  /** The same plan on the same state and feeds returns the same bits, even in another process. */
  readonly reproducible: boolean;
  /** Subnormal values (magnitudes below 2^-126) are preserved, not flushed to 0. */
  readonly subnormals: boolean;
  /**
   * Arithmetic and comparisons treat infinities and NaN as IEEE 754 does. A training step does not rely on this claim: it
   * applies `allFinite` to the loss, every gradient and every value that it would write.
   */
  readonly nonFinite: boolean;
  /** How each maximum op treats infinities and NaN. Many libraries drop a NaN. */
  readonly maxima: Readonly<Record<MaximumOp, Maxima>>;
}

/**
 * The ops that a claim about maxima covers. `max` also covers `min`, `relu` and `clip`; `reduceMax` also covers `argMax` of
 * infinities. The result of `argMax` on a NaN is unspecified.
 */
export type MaximumOp = 'max' | 'reduceMax' | 'maxPool2d';

/**
 * - `infinities`: maxima of infinities and finite numbers are correct, including -Infinity when every operand
 *   is -Infinity, and the gradient of max pooling goes to the first of tied values.
 * - `all`: in addition, the result is NaN if any operand is NaN, at any position (IEEE 754-2019, maximum).
 * - `none`: neither is guaranteed.
 */
export type Maxima = 'all' | 'infinities' | 'none';

/**
 * An open device: compiles graphs and holds their states. Disposal waits for pending runs, reads and writes.
 * While it waits, runs that have already started can still be read. Then the device releases its programs,
 * its states and the unread outputs. After disposal starts, every other call on the device, its states and
 * its programs throws BackendError `DISPOSED`, `NAME: the device is disposed; open it again`, before any
 * other check. Calls that are still creating a state or a program reject with the same error. A second
 * disposal has no effect.
 */
export interface Device extends AsyncDisposable {
  /** The device, as `probe` lists it. */
  readonly info: DeviceInfo;
  /** The device's claims about each float type. */
  readonly numerics: Readonly<Record<FloatType, Claims>>;
  /**
   * Resolves with the reason when the device is lost; pending operations then reject with DeviceLostError. Disposal does not
   * count as a loss.
   */
  readonly lost: Promise<string>;
  /** Copies values to the device. @throws DataError for a tensor whose data does not fit its shape */
  createState(values: Tensors): Promise<State>;
  /**
   * Compiles a graph into a program. Composites that the device does not support are decomposed. Compilation is deterministic
   * and never depends on timings.
   * @throws UnsupportedOpError with every unsupported node and the reason
   * @throws BackendError `PLAN` if it cannot reproduce the given plan exactly
   */
  compile(graph: Graph, options?: CompileOptions): Promise<Program>;
}

/** The options of `Device.compile`. */
export interface CompileOptions {
  /**
   * A state whose values may be baked in as constants, which is faster if the runtime can prepare constant
   * weights in advance. The program may ignore writes that follow compilation; a write during compilation may
   * or may not take effect.
   */
  readonly frozen?: State;
  /** The `plan.data` of an earlier program of the same graph, to repeat its choices. */
  readonly plan?: PlanData;
}

/** The choices made while a program was compiled, as JSON. Untrusted input: validate it on read. */
export interface PlanData {
  /** Identifies the backend and the kind of choices. */
  readonly format: string;
  /** The version of the format; a device accepts only its own version. */
  readonly version: number;
  readonly [key: string]: Json;
}

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Everything that determines the order of sums, and therefore the bits. */
export interface Plan {
  /**
   * A digest of kernels, tiles, layouts, options, threads, adapter, driver and runtime. If the device claims to be
   * reproducible, programs of one graph with the same id return the same bits.
   */
  readonly id: string;
  /** The choices made, if any: pass them to `compile` to reproduce the plan. */
  readonly data?: PlanData;
}

/**
 * Weights, optimizer slots and buffers on a device. Many programs can share one state. All operations on it, including runs,
 * take effect in call order.
 */
export interface State extends AsyncDisposable {
  /** Returns copies of the named values, by default all. @throws DataError for an unknown name */
  read(names?: Iterable<string>): Promise<Tensors>;
  /**
   * Replaces some values; types must not change. Writing every value that a failed run would have updated makes a poisoned
   * state usable again.
   */
  write(values: Tensors): Promise<void>;
}

/** A graph compiled for one device. It runs on any state that has the values the graph declares. */
export interface Program extends AsyncDisposable {
  /** The legalized graph. Composites that remain in it run natively. */
  readonly graph: Graph;
  /** Identifies the bits that the program computes. */
  readonly plan: Plan;
  /** The bytes of device memory that the program holds besides state and feeds, if known. */
  readonly bytes?: number;
  /**
   * Enqueues one run. The run reads the state as it was before the run and commits all updates together. Runs
   * on the same state keep their order.
   */
  run(state: State, feeds: Tensors): Execution;
}

/** A run in progress. Read or discard each execution exactly once. */
export interface Execution {
  /**
   * Resolves when the feeds are copied or consumed and their memory may be reused. Rejects if the run was
   * refused before it started; later failures reject `read` and poison the state.
   */
  readonly accepted: Promise<void>;
  /** Returns outputs by name, by default all. @throws BackendError when the run failed; its state is then poisoned */
  read(names?: Iterable<string>): Promise<Tensors>;
  /** Releases the outputs without reading them. The state is still updated. */
  discard(): void;
}
