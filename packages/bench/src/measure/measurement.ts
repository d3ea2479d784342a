// Runs one measurement: opens all candidates one after the other, checks that they compute the same network, warms them up, lets them
// take turns, and summarizes their times.
import type { CandidateSpec } from '../candidates/find.ts';
import { CandidateError, CandidateRefusal, Interrupted } from '../candidates/process.ts';
import type { OpenRequest } from '../protocol.ts';
import type { Measurement, MissingCandidate, Work } from '../report.ts';
import { shortened } from '../reportFields.ts';
import type { Cost, Subject, SubjectRequest } from '../subject.ts';
import { boundOf } from './check.ts';
import type { EntryOptions, Held, OpenCandidate } from './openCandidate.ts';
import { enter, leave } from './openCandidate.ts';
import { writeFiles } from './folder.ts';
import type { Proc } from './load.ts';
import { isQuiet, watchLoad } from './load.ts';
import { resultsOf } from './results.ts';
import { PAUSE_MS, takeTurns } from './turns.ts';

/** The work to measure. */
export interface MeasurementRequest {
  /** The request from which an isonet candidate builds the subject. */
  readonly request: SubjectRequest;
  readonly subject: Subject;
  readonly batch: number;
  readonly work: Work;
  readonly cost: Cost;
  /** The settings that all candidates receive. */
  readonly settings: Pick<OpenRequest, 'optimizer' | 'threads' | 'tf32'>;
}

/** Rounds, limits and callbacks of a measurement. */
export interface MeasurementOptions extends EntryOptions {
  readonly rounds: number;
  /** Whether to compute ratios even if the machine is busy. */
  readonly force: boolean;
  readonly onOpening: (name: string) => void;
  readonly onRound: (done: number) => void;
  /** The idle time before each turn, in milliseconds. Default: the time for which threads may spin. */
  readonly pauseMs?: number;
  /** The source of the load. Default: the /proc of this system. */
  readonly proc?: Proc;
}

/** The outcome of a measurement. */
export interface MeasurementOutcome {
  /** Undefined if no round was completed. */
  readonly measurement: Measurement | undefined;
  readonly missing: readonly MissingCandidate[];
  /** Whether a candidate failed, other than by a permitted refusal to open. */
  readonly failed: boolean;
}

/** Measures one network, batch and kind of work. If a candidate fails, it is reported, and the others continue. */
export async function measure(
  asked: MeasurementRequest,
  specs: readonly CandidateSpec[],
  options: MeasurementOptions,
): Promise<MeasurementOutcome> {
  const { subject, batch, work, cost, settings } = asked;
  const missing: MissingCandidate[] = [];
  let failed = false;
  const fail = ({ name, mayRefuse }: CandidateSpec, error: CandidateError): void => {
    const { message, fix } = error;
    const reason = shortened(`${subject.name}, batch ${batch}, ${work}: ${message}`);
    missing.push({ name, reason, fix });
    failed ||= !(mayRefuse && error instanceof CandidateRefusal);
  };
  const candidates: OpenCandidate[] = [];
  try {
    await open(asked, specs, options, { candidates, fail });
    const load = watchLoad(options.proc);
    const times = await takeTurns(candidates, {
      rounds: options.rounds,
      stop: options.stop,
      pauseMs: options.pauseMs ?? PAUSE_MS,
      onRound: options.onRound,
      onFailure: ({ spec, process }, error) => {
        process.kill();
        fail(spec, error);
      },
    });
    const othersShare = load();
    const held = new Map<OpenCandidate, Held>();
    for (const candidate of times.keys()) held.set(candidate, await leave(candidate));
    const results = resultsOf(times, held, {
      batch,
      multiplyAdds: cost.multiplyAdds,
      bound: boundOf(settings),
      allowRatios: options.force || isQuiet(othersShare),
    });
    if (results.length === 0) return { measurement: undefined, missing, failed };
    const { name: model, recipeName: recipe } = subject;
    const { multiplyAdds } = cost;
    const imageShape = subject.model.input.shape;
    const found = { model, recipe, imageShape, batch, work, multiplyAdds, othersShare, candidates: results };
    return { measurement: found, missing, failed };
  } catch (error) {
    if (error instanceof Interrupted) return { measurement: undefined, missing, failed };
    throw error;
  } finally {
    for (const { process } of candidates) process.kill();
  }
}

/** Opens the candidates one after the other, so that none works while another warms up. @throws Interrupted */
async function open(
  asked: MeasurementRequest,
  specs: readonly CandidateSpec[],
  options: MeasurementOptions,
  found: {
    readonly candidates: OpenCandidate[];
    readonly fail: (spec: CandidateSpec, error: CandidateError) => void;
  },
): Promise<void> {
  const { subject, batch, work, settings } = asked;
  const { candidates, fail } = found;
  const hasRivals = specs.some(({ kind }) => kind === 'rival');
  const files = await writeFiles(subject, { batch, work }, { hasRivals, leftovers: options.leftovers });
  for (const spec of specs) {
    if (options.stop.aborted) throw new Interrupted('stopped');
    options.onOpening(spec.name);
    try {
      if (spec.kind === 'rival' && files.problem !== undefined) {
        throw new CandidateError(files.problem, 'measure this network only on isonet devices');
      }
      // The others are checked against the first to open, and isonet's devices come first.
      if (spec.kind === 'rival' && candidates.length === 0) {
        throw new CandidateError(
          'no isonet device opened to check it against',
          'choose a device that opens with --backend',
        );
      }
      const request = { ...asked, open: { do: 'open', work, batch, ...files.names, ...settings } } as const;
      candidates.push(await enter(spec, { ...request, first: candidates[0] }, options));
    } catch (error) {
      if (!(error instanceof CandidateError)) throw error;
      fail(spec, error);
    }
  }
}
