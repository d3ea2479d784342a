// The report of a benchmark, which `isonet bench --json` prints and `--compare` reads.

/** The results of a benchmark, and the machine that it ran on. */
export interface BenchReport {
  readonly format: 'isonet-bench';
  /** The version of the format. */
  readonly version: 1;
  /** The version of isonet. */
  readonly isonet: string;
  /** The start of the benchmark, in ISO 8601 and UTC. */
  readonly date: string;
  /** The command line that repeats the benchmark. */
  readonly command: string;
  readonly machine: Machine;
  /** The rounds of each measurement, in which the candidates took turns. */
  readonly rounds: number;
  readonly measurements: readonly Measurement[];
  /** Candidates that are not available, or failed, with the reason. */
  readonly missing: readonly MissingCandidate[];
}

/** The machine that a benchmark ran on. */
export interface Machine {
  /** Such as `linux x64`. */
  readonly platform: string;
  /** The model of the processor. */
  readonly processor: string;
  /** Processors that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** The version of Node. */
  readonly node: string;
}

/** A kind of work: a forward pass in inference mode, or a whole training step. */
export type Work = 'forward' | 'step';

/** The results of all candidates for one network, batch and kind of work, from the same rounds. */
export interface Measurement {
  readonly model: string;
  readonly recipe: string;
  /** `[C, H, W]` */
  readonly imageShape: readonly number[];
  /** Images per run. */
  readonly batch: number;
  readonly work: Work;
  /** The multiply-adds of one run, as core counts them, regardless of how a library computes it. */
  readonly multiplyAdds: number;
  /** The fraction of the cores, 0 to 1, that other processes used during the rounds; null if the system does not report it. */
  readonly othersShare: number | null;
  /** Ratios are relative to the first. */
  readonly candidates: readonly CandidateResult[];
}

/** The results of one candidate. */
export interface CandidateResult {
  /** `onnx:cpu` for isonet; `torch` for a rival. */
  readonly name: string;
  readonly kind: 'isonet' | 'rival';
  /** A description for people: library, version, threads, layout. */
  readonly text: string;
  /** Milliseconds per run, one value per round. */
  readonly milliseconds: readonly number[];
  /** The median over the rounds, in milliseconds. */
  readonly median: number;
  /**
   * The 95 % confidence interval of the median, from order statistics; for fewer than 6 rounds, the whole range, which has a lower
   * confidence.
   */
  readonly interval: Interval;
  readonly imagesPerSecond: number;
  readonly gigaflops: number;
  /** A product of two matrices `[size, size]` in the same library, timed between the same rounds. */
  readonly product?: { readonly size: number; readonly gigaflops: number };
  /**
   * The time from the request for a device to the first result: opening, compiling, uploading, running. The library is loaded before.
   */
  readonly firstMilliseconds: number;
  /**
   * The peak memory of its process after warm-up, in bytes, before the check and the matrix products; null if the system does not
   * report it.
   */
  readonly peakBytes: number | null;
  /** The peak memory of the device in bytes, including the check and the matrix products, if the library reports it. */
  readonly deviceBytes?: number;
  /** The difference between its logits and those of the first candidate, for the same weights and images. */
  readonly check: { readonly difference: number; readonly bound: number };
  /**
   * The time of this candidate divided by that of the first candidate in the same round: the median over the rounds. Above 1, the first
   * candidate is faster.
   */
  readonly ratio?: { readonly median: number; readonly interval: Interval };
}

/** The lower and the upper end. */
export type Interval = readonly [low: number, high: number];

/** A requested candidate that was not measured. */
export interface MissingCandidate {
  readonly name: string;
  readonly reason: string;
  readonly fix: string;
}
