// The report of a run of the suite: plain JSON, with the two scores. The caller renders it.
import type { Device, DeviceInfo } from '@isonet/core';
import { definitionOf, opNames } from '@isonet/core';
import type { Form, Tier } from '../check/check.ts';
import type { Status } from './expectations.ts';

/** The outcome of one check. */
export interface Outcome {
  /** Stable: `conv2d/3x3-stride-2`. */
  readonly key: string;
  /** The op, or `combination`, `contract`, `golden`, ... */
  readonly group: string;
  readonly form: Form;
  readonly tier: Tier;
  readonly status: Status;
  /** The largest error in units of its bound; null: beyond any bound. 0 if nothing ran. */
  readonly worst: number | null;
  readonly seconds: number;
  /** One line per failure; shortened if there are very many. */
  readonly failures: readonly string[];
  /** Why it is refused, skipped or expected to fail. */
  readonly reason?: string;
  /** Set if a composite's native check ran: whether the device has a kernel for the composite. */
  readonly kernel?: boolean;
}

/** The number of checks with each status. */
export interface Tally extends Readonly<Record<Status, number>> {
  readonly all: number;
  /** The largest error of all, in units of its bound; null: beyond any bound. */
  readonly worst: number | null;
}

/** The outcomes of one op or group of checks, counted. */
export interface Row {
  /** The op, or `combination`, `contract`, `golden`, ... */
  readonly group: string;
  readonly native: Tally;
  /** All zero for a group without composites. */
  readonly decomposed: Tally;
  readonly seconds: number;
}

/** A count out of a total. */
export interface Score {
  readonly count: number;
  readonly of: number;
}

/** An unexpected outcome. */
export interface Wrong {
  /** The key of a check, or `device`. */
  readonly key: string;
  readonly status: 'failed' | 'refused' | 'unexpectedPass';
  readonly failures: readonly string[];
}

/** The device of a report, with its claims. */
export interface ReportedDevice extends DeviceInfo {
  readonly numerics: Device['numerics'];
  /** The plan id of a small program; null if the device compiles none. */
  readonly plan: string | null;
}

/** The result of one run of the suite on one device, as plain JSON. */
export interface Report {
  /** The subject's name: `tfjs (wasm)`. */
  readonly name: string;
  readonly device: ReportedDevice;
  readonly versions: { readonly conformance: string; readonly runtime: string };
  /** ISO 8601. */
  readonly started: string;
  readonly seconds: number;
  /** Whether the run was stopped before its last check; checks that did not run are not counted. */
  readonly interrupted: boolean;
  /** Checks that passed, out of those that ran and apply. If all passed, the backend computes what it should. */
  readonly conformance: Score;
  /** Composites for which the device has a kernel, out of those checked; says nothing about correctness. */
  readonly nativeCoverage: Score;
  /** The checks of graphs as written. */
  readonly native: Tally;
  /** The checks of graphs with every composite replaced by primitives beforehand. */
  readonly decomposed: Tally;
  /** In the order of the suite. */
  readonly rows: readonly Row[];
  /** Every unexpected outcome; empty if there are none. */
  readonly wrong: readonly Wrong[];
  /** Checks that are skipped or expected to fail, with reasons. */
  readonly excused: readonly Outcome[];
  /** The reasons why the device was reopened (it hung or was lost), one for each time. */
  readonly reopened: readonly string[];
}

/** The display name of each status, in display order. */
export const statusTexts: Readonly<Record<Status, string>> = {
  passed: 'passed',
  failed: 'failed',
  refused: 'refused',
  unexpectedPass: 'unexpected pass',
  xfail: 'xfail',
  skipped: 'skipped',
};

// Object.keys does not keep the names in its type.
/** Every status, in the order of reports. */
export const statuses: readonly Status[] = Object.keys(statusTexts) as Status[];

/** Returns whether a status is an error: a failure, a refusal, or an unexpected pass. */
export function isWrong(status: Status): status is Wrong['status'] {
  return status === 'failed' || status === 'refused' || status === 'unexpectedPass';
}

/** The maximum number of failures that one outcome lists: a wrong network may have thousands. */
const MOST_FAILURES = 20;

export function shortened(failures: readonly string[]): readonly string[] {
  const rest = failures.length - MOST_FAILURES;
  return rest <= 1 ? failures : [...failures.slice(0, MOST_FAILURES), `and ${rest} more`];
}

/** Replaces Infinity with null, since JSON has no Infinity. */
export function finite(worst: number): number | null {
  return Number.isFinite(worst) ? worst : null;
}

/** `0`, `<0.01`, `0.31`, `12.3`, `1e+5`; `∞` for an error beyond any bound. */
export function worstText(worst: number | null): string {
  if (worst === null) return '∞';
  if (worst > 0 && worst < 0.01) return '<0.01';
  if (worst >= 1000) return worst.toExponential(0);
  return worst === 0 ? '0' : worst.toFixed(worst < 10 ? 2 : 1);
}

/** The part of a report that does not follow from the outcomes. */
export type ReportHead = Pick<
  Report,
  'name' | 'device' | 'versions' | 'started' | 'seconds' | 'interrupted' | 'reopened'
>;

/** @param more errors that no single outcome reports */
export function reportOf(
  head: ReportHead,
  outcomes: readonly Outcome[],
  more: readonly Wrong[] = [],
): Report {
  const groups = byGroup(outcomes);
  const rows = [...groups].map(([group, own]) => ({ group, ...tallies(own), seconds: secondsOf(own) }));
  const wrong = outcomes.flatMap(({ key, status, failures, reason }): readonly Wrong[] => {
    if (!isWrong(status)) return [];
    return [{ key, status, failures: wrongLines(status, failures, reason) }];
  });
  return {
    ...head,
    conformance: conformanceOf(outcomes),
    nativeCoverage: nativeCoverageOf(groups),
    ...tallies(outcomes),
    rows,
    wrong: [...wrong, ...more],
    excused: outcomes.filter(({ status }) => status === 'xfail' || status === 'skipped'),
  };
}

function byGroup(outcomes: readonly Outcome[]): ReadonlyMap<string, readonly Outcome[]> {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const known = groups.get(outcome.group);
    if (known) known.push(outcome);
    else groups.set(outcome.group, [outcome]);
  }
  return groups;
}

function wrongLines(
  status: Wrong['status'],
  failures: readonly string[],
  reason: string | undefined,
): readonly string[] {
  if (status === 'refused') return reason === undefined ? [] : [reason];
  return status === 'failed' ? failures : [`it passes: remove it from xfail (${reason})`];
}

function conformanceOf(outcomes: readonly Outcome[]): Score {
  const counted = outcomes.filter(({ status }) => status !== 'skipped');
  const right = counted.filter(({ status }) => status === 'passed' || status === 'unexpectedPass');
  return { count: right.length, of: counted.length };
}

/** A composite counts as native if at least one of its checks ran on a native kernel. */
function nativeCoverageOf(groups: ReadonlyMap<string, readonly Outcome[]>): Score {
  const composites = opNames.filter((op) => definitionOf(op).kind === 'composite');
  const kernels = composites.map((op) => groups.get(op)?.flatMap(({ kernel }) => kernel ?? []));
  const checked = kernels.filter((found) => found !== undefined && found.length > 0);
  return { count: checked.filter((found) => found?.includes(true)).length, of: checked.length };
}

function tallies(outcomes: readonly Outcome[]): Pick<Report, 'native' | 'decomposed'> {
  const of = (form: Form): Tally => tallyOf(outcomes.filter((outcome) => outcome.form === form));
  return { native: of('native'), decomposed: of('decomposed') };
}

function tallyOf(outcomes: readonly Outcome[]): Tally {
  const counts = statuses.map((status): readonly [Status, number] => [
    status,
    outcomes.filter((outcome) => outcome.status === status).length,
  ]);
  return {
    // Object.fromEntries does not keep the names in its type.
    ...(Object.fromEntries(counts) as Record<Status, number>),
    all: outcomes.length,
    worst: finite(outcomes.reduce((worst, outcome) => Math.max(worst, outcome.worst ?? Infinity), 0)),
  };
}

function secondsOf(outcomes: readonly Outcome[]): number {
  return outcomes.reduce((sum, { seconds }) => sum + seconds, 0);
}
