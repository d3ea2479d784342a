// Runs checks on one device, one after another, and reports the outcomes. Does not depend on a test runner.
import { GraphBuilder, messageOf } from '@isonet/core';
import { onUnhandledRejection, runtime, yieldToEvents } from '../platform/node.ts';
import type { Check } from '../check/check.ts';
import { version } from '../version.ts';
import { checks as allChecks } from './checks.ts';
import { expectationOf, requireKnownKeys, statusOf } from './expectations.ts';
import type { Outcome, Report, ReportedDevice, Wrong } from './report.ts';
import { finite, reportOf, shortened } from './report.ts';
import { Session } from './session.ts';
import type { ConformanceSubject } from './subject.ts';

/** The options of {@link runConformance}. */
export interface RunOptions {
  /** See {@link selected}. Default: every check. */
  readonly filter?: string | RegExp;
  /** Stops the run after the current check. */
  readonly signal?: { readonly aborted: boolean };
  /** Called after each check. */
  readonly onCheck?: (outcome: Outcome, progress: RunProgress) => void;
  /** Default: all checks of the suite. */
  readonly checks?: readonly Check[];
}

/** The progress of a run. */
export interface RunProgress {
  /** The number of finished checks. */
  readonly done: number;
  /** The number of checks in this run. */
  readonly all: number;
  /** The key of the next check. */
  readonly next?: string;
}

/**
 * Runs the suite on a device. A check that fails, throws, hangs or loses the device does not end the run.
 * @throws Error if `xfail` names a check that does not exist, if the filter selects no checks, or if the subject is
 *   `unavailable`; any error of `open`
 */
export async function runConformance(
  subject: ConformanceSubject,
  { filter, signal, onCheck, checks = allChecks() }: RunOptions = {},
): Promise<Report> {
  requireKnownKeys(subject, checks);
  const chosen = selected(checks, filter);
  if (chosen.length === 0) throw new Error(`no check matches the filter ${String(filter)}`);
  if (subject.unavailable !== undefined) throw new Error(`${subject.name}: ${subject.unavailable}`);

  const started = new Date();
  const session = await Session.open(subject);
  const outcomes: Outcome[] = [];
  const wrong: Wrong[] = [];
  let device: ReportedDevice;
  const rejections: string[] = [];
  const stopListening = onUnhandledRejection((reason) => {
    rejections.push(`unhandled rejection: ${messageOf(reason)}`);
  });
  try {
    device = await described(session);
    for (const check of chosen) {
      // A device that computes on this thread would keep timers and signals waiting.
      await yieldToEvents();
      if (signal?.aborted) break;
      const outcome = await outcomeOf(session, check, subject);
      outcomes.push(outcome);
      await yieldToEvents();
      const failures = rejections.splice(0);
      if (failures.length > 0) wrong.push({ key: check.key, status: 'failed', failures });
      const [done, all] = [outcomes.length, chosen.length];
      const next = chosen[done]?.key;
      onCheck?.(outcome, { done, all, ...(next === undefined ? {} : { next }) });
    }
  } finally {
    stopListening();
    await session[Symbol.asyncDispose]().catch((error: unknown) => {
      wrong.push({ key: 'device', status: 'failed', failures: [`dispose: ${messageOf(error)}`] });
    });
  }
  const head = {
    name: subject.name,
    device,
    versions: { conformance: version, runtime },
    started: started.toISOString(),
    seconds: (Date.now() - started.getTime()) / 1000,
    interrupted: outcomes.length < chosen.length,
    reopened: session.reopened,
  };
  return reportOf(head, outcomes, wrong);
}

/**
 * Returns the checks that a filter selects. A string selects a group (`conv2d`), a key or, if it contains a slash,
 * every key that starts with it (`conv2d/reals`).
 */
export function selected(checks: readonly Check[], filter: string | RegExp | undefined): readonly Check[] {
  if (filter === undefined) return checks;
  if (filter instanceof RegExp) return checks.filter(({ key }) => key.search(filter) >= 0);
  const isStart = filter.includes('/');
  return checks.filter(({ key, group }) => group === filter || (isStart && key.startsWith(filter)));
}

async function outcomeOf(session: Session, check: Check, subject: ConformanceSubject): Promise<Outcome> {
  const { key, group, form, tier } = check;
  const head = { key, group, form, tier };
  const expectation = expectationOf(check, subject);
  const expected = expectation.reason === undefined ? {} : { reason: expectation.reason };
  if (expectation.outcome === 'skip') {
    return { ...head, status: 'skipped', worst: 0, seconds: 0, failures: [], ...expected };
  }
  const began = performance.now();
  const { verdict } = await session.attempt(check);
  const { failures, worst, refused, notApplicable, kernel } = verdict;
  const reason = refused ?? notApplicable;
  return {
    ...head,
    status: statusOf(verdict, expectation),
    worst: finite(worst),
    seconds: (performance.now() - began) / 1000,
    failures: shortened(failures),
    ...(reason === undefined ? {} : { reason }),
    ...expected,
    ...(kernel === undefined ? {} : { kernel }),
  };
}

/**
 * Describes the device, with the plan id of `x: [2] -> x + x`; the id is null if the program does not compile, an
 * error that the checks report.
 */
async function described(session: Session): Promise<ReportedDevice> {
  const { info, numerics } = session.device;
  const b = new GraphBuilder('twice');
  const x = b.input('x', { dtype: 'float32', shape: [2] });
  b.output('twice', b.op.add(x, x));
  let plan: string | null = null;
  const run: Check['run'] = async (device) => {
    await using program = await device.compile(b.build());
    plan = program.plan.id;
    return { key: 'plan', passed: true, worst: 0, failures: [] };
  };
  await session.attempt({ key: 'plan', group: 'device', form: 'native', tier: 'contract', run });
  return { ...info, numerics, plan };
}
