// The suite as a function of a program: check after check on one device, and a report. Knows no test runner.
import { readFileSync } from 'node:fs';
import { GraphBuilder, messageOf } from '@isonet/core';
import { checks as allChecks } from './checks.ts';
import type { ConformanceSubject } from './subject.ts';
import { checkKnownFaults, declarationOf, primitives, Runs, statusOf } from './expectations.ts';
import type { Outcome, Report, ReportedDevice, Wrong } from './report.ts';
import { finite, reportOf, shortened } from './report.ts';
import { Session } from './session.ts';
import type { Check } from '../check/check.ts';

/** The options of {@link runConformance}. */
export interface RunOptions {
  /** See {@link selected}. Default: all. */
  readonly filter?: string | RegExp;
  /** The run ends after the check in hand. */
  readonly signal?: { readonly aborted: boolean };
  /** After each check. */
  readonly onCheck?: (outcome: Outcome, progress: RunProgress) => void;
  /** Default: all of them. */
  readonly checks?: readonly Check[];
}

/** How far a run has come. */
export interface RunProgress {
  /** The number of checks done. */
  readonly done: number;
  /** The number of checks in this run. */
  readonly all: number;
  /** The key of the check that comes now. */
  readonly next?: string;
}

/**
 * Asks a device everything. A check that fails, throws, hangs or loses the device does not end the run.
 * @throws Error when `knownFaults` names a check that does not exist, when the filter leaves no check, or when there is
 *   no device (`unavailable`); any error of `open`
 */
export async function runConformance(
  subject: ConformanceSubject,
  { filter, signal, onCheck, checks = allChecks() }: RunOptions = {},
): Promise<Report> {
  checkKnownFaults(subject, checks);
  const chosen = selected(checks, filter);
  if (chosen.length === 0) throw new Error(`there is no check ${String(filter)}`);
  if (subject.unavailable !== undefined) throw new Error(`${subject.name}: ${subject.unavailable}`);

  const started = new Date();
  const session = await Session.open(subject);
  const runs = new Runs();
  const outcomes: Outcome[] = [];
  const wrong: Wrong[] = [];
  let device: ReportedDevice;
  // Such a promise would end the process. It is told with the check in which it was made.
  const stray: unknown[] = [];
  const onStray = (reason: unknown): void => void stray.push(reason);
  process.on('unhandledRejection', onStray);
  try {
    device = await described(session);
    for (const check of chosen) {
      // What computes on this very thread keeps timers and signals waiting.
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) break;
      const outcome = await ask(session, runs, check, subject);
      outcomes.push(outcome);
      await new Promise((resolve) => setImmediate(resolve));
      const rejected = stray
        .splice(0)
        .map((reason) => `nobody handles a promise that is rejected: ${messageOf(reason)}`);
      if (rejected.length > 0) wrong.push({ key: check.key, status: 'failed', failures: rejected });
      const next = chosen[outcomes.length]?.key;
      onCheck?.(outcome, {
        done: outcomes.length,
        all: chosen.length,
        ...(next === undefined ? {} : { next }),
      });
    }
  } finally {
    process.off('unhandledRejection', onStray);
    await session[Symbol.asyncDispose]().catch((error: unknown) => {
      wrong.push({ key: 'device', status: 'failed', failures: [`dispose: ${messageOf(error)}`] });
    });
  }
  // A filter or an interrupt may have left out the cases that the device takes.
  const asked = new Set(outcomes.map(({ key }) => key));
  const left = new Set(checks.filter(({ key }) => !asked.has(key)).map((check) => check.group));
  const missing = primitives.filter((op) => runs.wasRun(op) === false && !left.has(op));
  return reportOf(
    {
      name: subject.name,
      device,
      versions: { conformance: version(), node: process.versions.node },
      started: started.toISOString(),
      seconds: (Date.now() - started.getTime()) / 1000,
      interrupted: outcomes.length < chosen.length,
      reopened: session.reopened,
    },
    outcomes,
    [...missing.map(missingKernel), ...wrong],
  );
}

/**
 * The checks that a filter means. A string is a group (`conv2d`), a key, or, with a slash in it, the beginning of keys
 * (`conv2d/reals`).
 */
export function selected(checks: readonly Check[], filter: string | RegExp | undefined): readonly Check[] {
  if (filter === undefined) return checks;
  if (filter instanceof RegExp) return checks.filter(({ key }) => key.search(filter) >= 0);
  const begins = filter.includes('/');
  return checks.filter(({ key, group }) => group === filter || (begins && key.startsWith(filter)));
}

async function ask(
  session: Session,
  runs: Runs,
  check: Check,
  subject: ConformanceSubject,
): Promise<Outcome> {
  const { key, group, form, tier } = check;
  const of = { key, group, form, tier };
  const declaration = declarationOf(check, subject);
  const given = declaration.reason === undefined ? {} : { reason: declaration.reason };
  if (declaration.expectation === 'left out') {
    return { ...of, status: 'leftOut', worst: 0, seconds: 0, failures: [], ...given };
  }
  const began = performance.now();
  const { verdict } = await session.attempt(check);
  runs.add(check, verdict);
  const { failures, worst, refused, notNative } = verdict;
  const status = statusOf(verdict, declaration);
  const why = refused ?? (notNative ? 'no kernel of its own: what ran is its decomposition' : undefined);
  return {
    ...of,
    status,
    worst: finite(worst),
    seconds: (performance.now() - began) / 1000,
    failures: shortened(failures),
    ...(status === 'unsupported' && why !== undefined ? { reason: why } : given),
  };
}

function missingKernel(op: string): Wrong {
  return {
    key: op,
    status: 'failed',
    failures: ['the device refuses every case of this primitive: its kernel is missing'],
  };
}

/** The device, with the plan of `x: [2] -> x + x`. That it does not compile, the checks will tell. */
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

/** Of this package, from its package.json: beside src/ and dist/ alike. */
function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version: found } = JSON.parse(text) as { readonly version: string };
  return found;
}
