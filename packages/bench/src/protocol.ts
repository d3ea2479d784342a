// How the bench talks to a candidate: a process that reads one JSON object per line from stdin and answers each with one on
// stdout. It may print whatever it likes to stderr. Any language will do; src/rivals/ has Python and TypeScript.
import type { Work } from './report.ts';

/** The first request: build the network, load the weights, run once. */
export interface OpenRequest {
  readonly do: 'open';
  readonly work: Work;
  readonly batch: number;
  /** A JSON file: the network as a list of layers, see network.ts. */
  readonly network: string;
  /** A safetensors file: parameters and buffers by name. */
  readonly weights: string;
  /** A safetensors file: the images `[N, C, H, W]` and labels `[N]` of every run. */
  readonly data: string;
  /** Of a training step. */
  readonly optimizer: OptimizerSettings;
  /** Threads within an operator; null: as many as the library takes. */
  readonly threads: number | null;
  /** One of the library's devices, such as `cuda`; null: its default. */
  readonly device: string | null;
  /** Products in TF32 where the device has it; otherwise it must be off. */
  readonly tf32: boolean;
}

/** Stochastic gradient descent, as the recipes have it. */
export interface OptimizerSettings {
  readonly lr: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Of weights alone: the parameters that `network.json` marks. */
  readonly weightDecay: number;
}

/** The answer to {@link OpenRequest}. */
export interface Opened {
  /** For people: `PyTorch 2.15.0, channels_last, 2 threads`. */
  readonly text: string;
  /** From the request for a device to the first result; above 0. The library is imported before that clock starts. */
  readonly firstMilliseconds: number;
  /** The first step's mean loss over the batch, before its update. Required where the work is steps. */
  readonly loss?: number;
}

/** Asks for the logits of the batch in inference mode, by the weights that were loaded: steps that ran before have not changed them. */
export interface CheckRequest {
  readonly do: 'check';
}

/** The answer to {@link CheckRequest}: `[N, K]` in row-major order. */
export interface Checked {
  readonly logits: readonly number[];
}

/** Asks for that many runs of the work, each timed by itself, its result (logits or loss) read by the host. */
export interface RunRequest {
  readonly do: 'run';
  readonly count: number;
}

/** Asks for that many products of two float32 matrices `[size, size]`, timed in the same way. */
export interface ProductRequest {
  readonly do: 'product';
  readonly size: number;
  readonly count: number;
}

/** The answer to {@link RunRequest} and {@link ProductRequest}. */
export interface Timed {
  readonly milliseconds: readonly number[];
  /** Of training steps, where it is required: the last one's mean loss over the batch, before its update; finite. */
  readonly loss?: number;
}

/** Asks for the end; the process exits after the answer. */
export interface CloseRequest {
  readonly do: 'close';
}

/** The answer to {@link CloseRequest}. */
export interface Closed {
  /** The most memory of the device that was in use, where the library tells. */
  readonly deviceBytes?: number;
}

/** Each request with its answer. */
export interface Answers {
  readonly open: Opened;
  readonly check: Checked;
  readonly run: Timed;
  readonly product: Timed;
  readonly close: Closed;
}

/** What the bench asks. */
export type Request = OpenRequest | CheckRequest | RunRequest | ProductRequest | CloseRequest;

/** Any request may be answered so instead: in one line, what went wrong. */
export interface Failed {
  readonly error: string;
}
