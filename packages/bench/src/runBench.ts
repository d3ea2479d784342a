// Runs a whole benchmark: every requested network, batch and kind of work, one measurement after the other.
import { UsageError, version } from '@isonet/runs';
import type { BenchContext, CandidateSpecs } from './candidates/find.ts';
import { findCandidates, withoutWork } from './candidates/find.ts';
import { Leftovers } from './candidates/leftovers.ts';
import type { StopRequest } from './candidates/process.ts';
import { thisMachine } from './machine.ts';
import type { MeasurementRequest } from './measure/measurement.ts';
import { measure } from './measure/measurement.ts';
import type { BenchOptions } from './options.ts';
import { checkBenchOptions, commandText, RATIO_ROUNDS, WORKS } from './options.ts';
import type { BenchReport, Measurement, MissingCandidate } from './report.ts';
import { buildSubject, costOf, optimizerSettings } from './subject.ts';

/** The progress of a benchmark. */
export interface BenchProgress {
  /** `nin, batch 32, step` */
  readonly text: string;
  /** The number of the current measurement, starting at 1. */
  readonly measurement: number;
  readonly measurements: number;
  /** The candidate that is being opened, checked and warmed up; undefined during the rounds. */
  readonly opening: string | undefined;
  /** The completed rounds of this measurement. */
  readonly done: number;
  readonly rounds: number;
  /** The remaining time of this measurement; undefined before its first round is complete. */
  readonly secondsLeft: number | undefined;
}

/** Callbacks and limits of a benchmark. */
export interface BenchListener {
  /** Stops the benchmark after the current turn. */
  readonly signal?: StopRequest;
  readonly onProgress?: (progress: BenchProgress) => void;
  /** The time limit for one answer of a candidate, in milliseconds. Default: five minutes. */
  readonly timeoutMs?: number;
}

/** A report, and whether the benchmark failed or was interrupted. */
export interface BenchOutcome {
  readonly report: BenchReport;
  /** Whether an available candidate failed. `report.missing` lists every failed candidate. */
  readonly failed: boolean;
  readonly interrupted: boolean;
}

/** The reference backend needs minutes for a step of a large network. */
const TIMEOUT_MS = 300_000;
/** The longest delay of a Node timer; a timer with a longer delay fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Measures networks on isonet's devices and in other libraries. In each measurement, all candidates take turns on the same weights and
 * images, each in a separate process. Run nothing else on the machine meanwhile.
 * @throws UsageError for invalid options, an unknown name, or a network that cannot be measured; BackendError if a named backend or
 *   library is not available. Both are thrown before anything is measured
 */
export async function runBench(
  context: BenchContext,
  options: BenchOptions,
  { signal = { aborted: false }, onProgress, timeoutMs = TIMEOUT_MS }: BenchListener = {},
): Promise<BenchOutcome> {
  checkBenchOptions(options);
  if (!(timeoutMs >= 1 && timeoutMs <= LONGEST_TIMEOUT_MS)) {
    throw new UsageError(
      `timeoutMs: expected milliseconds from 1 to ${LONGEST_TIMEOUT_MS.toLocaleString('en-US')}, got ${timeoutMs}`,
    );
  }
  const { rounds = RATIO_ROUNDS, force = false } = options;
  const date = new Date().toISOString();
  const { specs, missing } = await foundUnlessStopped(context, options, signal);
  const requests = await requestsOf(context, options);
  const measurements: Measurement[] = [];
  const absent: MissingCandidate[] = [];
  let failed = false;
  for (const [i, request] of requests.entries()) {
    if (signal.aborted) break;
    const text = `${request.subject.name}, ${sizeText(request)}batch ${request.batch}, ${request.work}`;
    const place = { text, measurement: i + 1, measurements: requests.length, rounds };
    let began: number | undefined;
    using leftovers = new Leftovers();
    const outcome = await measure(
      request,
      specs.filter(({ works }) => works.includes(request.work)),
      {
        cwd: context.cwd,
        rounds,
        force,
        timeoutMs,
        stop: signal,
        leftovers,
        onOpening: (opening) => onProgress?.({ ...place, opening, done: 0, secondsLeft: undefined }),
        onRound: (done) => {
          began ??= performance.now();
          const perRound = (performance.now() - began) / done / 1000;
          const secondsLeft = done === 0 ? undefined : perRound * (rounds - done);
          onProgress?.({ ...place, opening: undefined, done, secondsLeft });
        },
      },
    );
    if (outcome.measurement) measurements.push(outcome.measurement);
    absent.push(...outcome.missing);
    failed ||= outcome.failed;
  }
  const report: BenchReport = {
    format: 'isonet-bench',
    version: 1,
    isonet: version,
    date,
    command: commandText(options),
    machine: thisMachine(),
    rounds,
    measurements,
    missing: [
      ...missing,
      ...withoutWork(
        requests.map(({ work }) => work),
        specs,
      ),
      ...absent,
    ],
  };
  return { report, failed, interrupted: signal.aborted };
}

/**
 * Finds the candidates, but returns none if the benchmark is stopped: Ctrl-C also ends the interpreters that locate rivals, which would
 * then seem to be missing.
 */
async function foundUnlessStopped(
  context: BenchContext,
  options: BenchOptions,
  signal: StopRequest,
): Promise<CandidateSpecs> {
  const none = { specs: [], missing: [] };
  try {
    const found = await findCandidates(context, options);
    return signal.aborted ? none : found;
  } catch (error) {
    if (signal.aborted) return none;
    throw error;
  }
}

/** Builds every network for every batch and kind of work, so that a problem shows before the first measurement. */
async function requestsOf(
  context: BenchContext,
  { models, dims, size, batch, work = WORKS, recipe, threads, tf32 = false }: BenchOptions,
): Promise<readonly MeasurementRequest[]> {
  const requests: MeasurementRequest[] = [];
  for (const model of models) {
    for (const one of size ?? [undefined]) {
      const request = { model, dims, recipe, size: one };
      const subject = await buildSubject(context, request);
      const optimizer = optimizerSettings(subject.recipeName, subject.recipe.optimizer);
      const settings = { optimizer, threads: threads ?? null, tf32 };
      for (const images of batch ?? [subject.recipe.batchSize]) {
        for (const kind of work) {
          const cost = costOf(subject, images, kind);
          requests.push({ request, subject, batch: images, work: kind, cost, settings });
        }
      }
    }
  }
  return requests;
}

function sizeText({ request, subject }: MeasurementRequest): string {
  return request.size === undefined ? '' : `${subject.model.input.shape.slice(1).join('x')}, `;
}
