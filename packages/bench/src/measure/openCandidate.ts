// Opens, warms up and checks a candidate before the rounds, and closes it afterwards.
import { dimOf } from '@isonet/core';
import type { CandidateSpec } from '../candidates/find.ts';
import type { Leftovers } from '../candidates/leftovers.ts';
import type { StopRequest } from '../candidates/process.ts';
import { CandidateError, CandidateProcess, PROTOCOL_FIX } from '../candidates/process.ts';
import type { Opened, OpenRequest } from '../protocol.ts';
import type { CandidateResult } from '../report.ts';
import type { Cost, Subject, SubjectRequest } from '../subject.ts';
import type { Computed } from './check.ts';
import { boundOf, differenceOf } from './check.ts';
import { peakBytes } from './load.ts';
import type { TurnCandidate } from './turns.ts';
import { warmUp, warmUpProduct } from './turns.ts';

/** A candidate that takes part in the rounds. */
export interface OpenCandidate extends TurnCandidate {
  readonly spec: CandidateSpec;
  readonly process: CandidateProcess;
  readonly opened: Opened;
  readonly computed: Computed;
  /** Its peak memory after warm-up, before the check and the products allocated memory. */
  readonly peakBytes: number | null;
}

/** The peak memory of a candidate. */
export type Held = Pick<CandidateResult, 'peakBytes' | 'deviceBytes'>;

/** The work of a candidate, and the candidate to check it against. */
export interface EntryRequest {
  readonly request: SubjectRequest;
  readonly subject: Subject;
  readonly cost: Cost;
  readonly open: Omit<OpenRequest, 'device'>;
  /** Undefined for the first candidate. */
  readonly first: OpenCandidate | undefined;
}

/** The working directory and the limits of a candidate's process. */
export interface EntryOptions {
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly stop: StopRequest;
  readonly leftovers: Leftovers;
}

/** The maximum length of an answer without its logits, and of one logit, in characters. */
const [LINE_CHARACTERS, LOGIT_CHARACTERS] = [65_536, 32] as const;

/**
 * Opens a candidate, warms it up and checks its results. The check builds a second network, so the peak memory is read before it.
 * @throws CandidateError if the candidate fails, or its results differ from those of the first one; Interrupted
 */
export async function enter(
  spec: CandidateSpec,
  { request, subject, cost, open, first }: EntryRequest,
  { stop, ...options }: EntryOptions,
): Promise<OpenCandidate> {
  const classes = dimOf(subject.model.output.shape, 0);
  const process = new CandidateProcess({
    ...options,
    command: spec.command(request),
    longestLine: LINE_CHARACTERS + LOGIT_CHARACTERS * open.batch * classes,
  });
  try {
    const opened = await process.ask({ ...open, device: spec.device }, stop);
    if (open.work === 'step' && opened.loss === undefined) {
      throw new CandidateError(
        'sent an invalid answer to "open": loss: expected a finite number, got nothing',
        PROTOCOL_FIX,
      );
    }
    const { work } = open;
    const runs = await warmUp({ process, work }, stop);
    const peak = process.pid === undefined ? null : peakBytes(process.pid);
    const { logits } = await process.ask({ do: 'check' }, stop);
    if (logits.length !== open.batch * classes) {
      throw new CandidateError(`expected ${open.batch * classes} logits, got ${logits.length}`, PROTOCOL_FIX);
    }
    const computed = { logits, loss: cost.hasCommonLoss ? opened.loss : undefined };
    if (first) check(computed, first, boundOf(open));
    const product = await warmUpProduct({ process, work }, stop);
    return { name: spec.name, spec, process, work, opened, computed, runs, product, peakBytes: peak };
  } catch (error) {
    process.kill();
    throw error;
  }
}

/** Compares the results of two candidates. @throws CandidateError if they compute different networks */
function check(own: Computed, first: OpenCandidate, bound: number): void {
  const difference = differenceOf(own, first.computed);
  if (difference <= bound) return;
  throw new CandidateError(
    `computes a different network from ${first.name}: the results differ by ${difference.toExponential(1)}, expected at most ${bound}`,
    'for an isonet device, run isonet bisect; otherwise, correct the other program',
  );
}

/** Closes a candidate. If it fails now, its times are still valid. */
export async function leave({ process, peakBytes: peak }: OpenCandidate): Promise<Held> {
  try {
    const { deviceBytes } = await process.ask({ do: 'close' });
    await process.end();
    return { peakBytes: peak, ...(deviceBytes === undefined ? {} : { deviceBytes }) };
  } catch (error) {
    if (error instanceof CandidateError) return { peakBytes: peak };
    throw error;
  }
}
