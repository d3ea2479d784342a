// The protocol between the bench and a candidate. A candidate is a process in any language: it reads one JSON object per line from stdin
// and answers each with one line on stdout. It may print anything to stderr. src/rivals/ has candidates in Python and TypeScript.
import type { Work } from './report.ts';

/** The first request: build the network, load the weights, run once. */
export interface OpenRequest {
  readonly do: 'open';
  readonly work: Work;
  readonly batch: number;
  /** A JSON file with the network as a list of nodes; see network.ts. */
  readonly network: string;
  /** A safetensors file with parameters and buffers by name. */
  readonly weights: string;
  /** A safetensors file with the images `[N, C, H, W]` and labels `[N]` of every run. */
  readonly data: string;
  /** The optimizer of a training step. */
  readonly optimizer: OptimizerSettings;
  /** Threads per operator; null: the default of the library. */
  readonly threads: number | null;
  /** A device of the library, such as `cuda`; null: its default. */
  readonly device: string | null;
  /** Whether to use TF32 for products. If false, TF32 must be off. */
  readonly tf32: boolean;
}

/** The settings of stochastic gradient descent in the recipes. */
export interface OptimizerSettings {
  readonly lr: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Applies only to weights: the parameters that `network.json` marks with `decays`. */
  readonly weightDecay: number;
}

/** The answer to {@link OpenRequest}. */
export interface Opened {
  /** A description for people: `PyTorch 2.15.0, channels_last, 2 threads`. */
  readonly text: string;
  /** The time from the request for a device to the first result; above 0. The library is imported before the clock starts. */
  readonly firstMilliseconds: number;
  /** The mean loss of the first step over the batch, before its update. Required for training steps. */
  readonly loss?: number;
}

/** Requests the logits of the batch in inference mode, with the weights as loaded, even if steps have run since. */
export interface CheckRequest {
  readonly do: 'check';
}

/** The answer to {@link CheckRequest}: `[N, K]` in row-major order. */
export interface Checked {
  readonly logits: readonly number[];
}

/** Requests `count` runs of the work, each timed separately. The host reads the result (logits or loss) of each run. */
export interface RunRequest {
  readonly do: 'run';
  readonly count: number;
}

/** Requests `count` products of two float32 matrices `[size, size]`, timed in the same way. */
export interface ProductRequest {
  readonly do: 'product';
  readonly size: number;
  readonly count: number;
}

/** The answer to {@link RunRequest} and {@link ProductRequest}. */
export interface Timed {
  readonly milliseconds: readonly number[];
  /** The mean loss of the last step over the batch, before its update; finite. Required for training steps. */
  readonly loss?: number;
}

/** Requests the end: the process exits after the answer. */
export interface CloseRequest {
  readonly do: 'close';
}

/** The answer to {@link CloseRequest}. */
export interface Closed {
  /** The peak memory of the device, if the library reports it. */
  readonly deviceBytes?: number;
}

/** The answer to each request. */
export interface Answers {
  readonly open: Opened;
  readonly check: Checked;
  readonly run: Timed;
  readonly product: Timed;
  readonly close: Closed;
}

/** A request of the bench. */
export type Request = OpenRequest | CheckRequest | RunRequest | ProductRequest | CloseRequest;

/** The answer to any request that fails, with the problem in one line. */
export interface Failed {
  readonly error: string;
}
