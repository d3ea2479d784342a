// A candidate's way into the rounds and out of them: opened, checked, warmed up; measured for the memory it held, and closed.
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

/** A candidate that is in the rounds. */
export interface OpenCandidate extends TurnCandidate {
  readonly spec: CandidateSpec;
  readonly process: CandidateProcess;
  readonly opened: Opened;
  readonly computed: Computed;
  /** The peak of its memory when its work was warm, before the check and the products took theirs. */
  readonly peakBytes: number | null;
}

/** What a candidate held in memory, at most. */
export type Held = Pick<CandidateResult, 'peakBytes' | 'deviceBytes'>;

/** What a candidate is asked for, and whom it is checked against. */
export interface EntryRequest {
  readonly request: SubjectRequest;
  readonly subject: Subject;
  readonly cost: Cost;
  readonly open: Omit<OpenRequest, 'device'>;
  /** Undefined for the first one. */
  readonly first: OpenCandidate | undefined;
}

/** How it is started. */
export interface EntryOptions {
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly stop: StopRequest;
  readonly leftovers: Leftovers;
}

/** Characters of an answer beside its logits, and of a logit at most. */
const [LINE_CHARACTERS, LOGIT_CHARACTERS] = [65_536, 32] as const;

/**
 * Opens a candidate, warms it up and checks what it computes. The check builds a second network, so the peak of
 * memory is read before it.
 * @throws CandidateError where something goes wrong with it, or its logits are not those of the first; Interrupted
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
        'answers "open" wrongly: loss: expected a finite number, got nothing',
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

/** @throws CandidateError where they are not the same network */
function check(own: Computed, first: OpenCandidate, bound: number): void {
  const difference = differenceOf(own, first.computed);
  if (difference <= bound) return;
  throw new CandidateError(
    `computes another network than ${first.name}: they differ by ${difference.toExponential(1)}, expected at most ${bound}`,
    'isonet bisect finds what is wrong with a device of isonet; correct the other program otherwise',
  );
}

/** Closes it. One that fails at its end has given its times all the same. */
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
