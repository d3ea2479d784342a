// The report of a benchmark, as `isonet bench --json` prints it and `--compare` reads it back.

/** Everything that one benchmark measured, and where. */
export interface BenchReport {
  readonly format: 'isonet-bench';
  /** Of the format. */
  readonly version: 1;
  /** The version of isonet. */
  readonly isonet: string;
  /** When it began: ISO 8601, UTC. */
  readonly date: string;
  /** The command line that repeats it. */
  readonly command: string;
  readonly machine: Machine;
  /** Rounds in which the candidates took turns, for each measurement. */
  readonly rounds: number;
  readonly measurements: readonly Measurement[];
  /** Candidates that are not here, or failed, and why. */
  readonly missing: readonly MissingCandidate[];
}

/** The machine that a report is of. */
export interface Machine {
  /** e.g. `linux x64` */
  readonly platform: string;
  /** The processor's model. */
  readonly processor: string;
  /** Processors that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** The version of Node. */
  readonly node: string;
}

/** What a candidate is asked to do: a forward pass in inference mode, or a whole training step. */
export type Work = 'forward' | 'step';

/** One network, batch and kind of work, and what each candidate took for it, all in the same rounds. */
export interface Measurement {
  readonly model: string;
  readonly recipe: string;
  /** `[C, H, W]` */
  readonly imageShape: readonly number[];
  /** Images per run. */
  readonly batch: number;
  readonly work: Work;
  /** Multiply-adds of one run, as core counts them, whatever a library makes of it. */
  readonly multiplyAdds: number;
  /** The part of the cores, 0 to 1, that other processes took during the rounds; null where the system does not tell. */
  readonly othersShare: number | null;
  /** The first is what ratios refer to. */
  readonly candidates: readonly CandidateResult[];
}

/** What one candidate took. */
export interface CandidateResult {
  /** `onnx:cpu` of isonet; `torch` of a rival. */
  readonly name: string;
  readonly kind: 'isonet' | 'rival';
  /** For people: library, version, threads, layout. */
  readonly text: string;
  /** Milliseconds per run, one number per round. */
  readonly milliseconds: readonly number[];
  /** Of the rounds, in milliseconds. */
  readonly median: number;
  /** A 95 % confidence interval of the median, from order statistics; of fewer than 6 rounds the whole range, which covers less. */
  readonly interval: Interval;
  readonly imagesPerSecond: number;
  readonly gigaflops: number;
  /** A product of two matrices `[size, size]` by the same library, timed between the same rounds. */
  readonly product?: { readonly size: number; readonly gigaflops: number };
  /** From the request for a device to the first result: opening, compiling, uploading, running. The library is loaded by then. */
  readonly firstMilliseconds: number;
  /**
   * The most memory that its process held until its work was warm, in bytes, before the check and the matrix products; null where the
   * system does not tell.
   */
  readonly peakBytes: number | null;
  /** Memory of the device at its peak, check and matrix products included, in bytes, where the library tells. */
  readonly deviceBytes?: number;
  /** Its logits against those of the first candidate, from the same weights and images. */
  readonly check: { readonly difference: number; readonly bound: number };
  /** This candidate's time / the first candidate's in the same round, the median over the rounds. Above 1: the first is faster. */
  readonly ratio?: { readonly median: number; readonly interval: Interval };
}

/** Lower and upper end. */
export type Interval = readonly [low: number, high: number];

/** A candidate that was asked for and not measured. */
export interface MissingCandidate {
  readonly name: string;
  readonly reason: string;
  readonly fix: string;
}
