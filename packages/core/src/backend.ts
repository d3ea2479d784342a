/// <reference lib="esnext.disposable" preserve="true" />
// The contract between core and the backends: graphs in, executables out. It is not a list of ops: a backend gets a whole
// graph at once, and says itself which nodes it runs.
import type { Graph, Node } from './graph.ts';
import type { Tensors, TensorType } from './tensor.ts';

/** A plug-in: a plain value that is passed along. Nothing of its runtime loads before `probe` or `open`. */
export interface Backend {
  readonly name: string;
  /** What is there, or why nothing is and what cures that. Never throws. */
  probe(): Promise<Probe>;
  /**
   * Each call gives a device of its own: disposing one leaves the others. Without an id: the first that is not a software
   * driver. @throws BackendError when the device is not there
   */
  open(deviceId?: string): Promise<Device>;
}

export interface DeviceInfo {
  readonly id: string;
  /** 'software' runs a GPU's interface on the cpu: right, and slow; it is never taken unless asked for. */
  readonly kind: 'gpu' | 'cpu' | 'software';
  /** For people: the card, the provider, versions. */
  readonly text: string;
}

export type Probe =
  | { readonly ok: true; readonly devices: readonly DeviceInfo[] }
  | { readonly ok: false; readonly code: string; readonly reason: string; readonly cure: string };

/** What a device claims about its arithmetic, and is therefore tested for. */
export interface Numerics {
  /** The type that float32 values are held and computed in; reads return it. */
  readonly float: 'float32' | 'float64';
  /** The same program on the same state and feeds gives the same bits, in another process too. */
  readonly reproducible: boolean;
  /** Numbers below 2^-126 are kept, not flushed to 0. */
  readonly subnormals: boolean;
  /**
   * Infinities and NaN are as in IEEE 754, in arithmetic and comparisons. What `max`, `reduceMax` and the poolings make of a
   * NaN is open: libraries differ. A training step does not rely on it, since it asks `isFinite` of every gradient.
   */
  readonly nonFinite: boolean;
}

export interface Device extends AsyncDisposable {
  readonly info: DeviceInfo;
  readonly numerics: Numerics;
  /** Resolves with the reason when the device goes away; then whatever is pending rejects with DeviceLostError. */
  readonly lost: Promise<string>;
  /** Pure. Sees types and attributes: support is per case, not per name. A string says why not. */
  supports(node: Node, types: readonly TensorType[]): true | string;
  createState(values: Tensors): Promise<State>;
  /**
   * Legalizes and compiles a graph. With `frozen`, the state's values at this moment may be baked in as constants:
   * faster where the runtime prepares constant weights, and later writes to the state need not be seen.
   * @throws UnsupportedOpError when a primitive is refused
   */
  compile(graph: Graph, options?: CompileOptions): Promise<Program>;
}

export interface CompileOptions {
  readonly frozen?: State;
}

/**
 * Weights, optimizer slots and buffers on a device: one, shared by many programs. What is asked of it, runs included, happens
 * in the order in which it is asked.
 */
export interface State extends AsyncDisposable {
  /** @throws DataError for a name that it does not have */
  read(names?: Iterable<string>): Promise<Tensors>;
  /** Replaces some values, all of their old types. Heals a state that a failed run has poisoned. */
  write(values: Tensors): Promise<void>;
}

export interface Program extends AsyncDisposable {
  /** What really runs, after legalization. */
  readonly graph: Graph;
  /** A digest of all that orders sums: kernels, tiles, threads, library versions. */
  readonly fingerprint: string;
  /** Device memory that a run needs beside state, feeds and outputs; 0 where the runtime does not say. */
  readonly scratchBytes: number;
  /** Enqueues one run: reads see the state before it, all updates land together. Runs on one state keep their order. */
  run(state: State, feeds: Tensors): Execution;
}

/** What is under way. Each execution is read or discarded, once. */
export interface Execution {
  /** The feeds are copied or consumed: their memory may be changed. Rejects as `read` does. */
  readonly accepted: Promise<void>;
  /** Outputs by name, all by default. @throws BackendError when the run failed; its state is then poisoned */
  read(names?: Iterable<string>): Promise<Tensors>;
  discard(): void;
}
