// What a run of the suite found, as plain JSON, and how it adds up. Printing it is others' work.
import type { Device, DeviceInfo } from '@isonet/core';
import type { Status } from './expectations.ts';
import type { Form, Tier } from '../check/check.ts';

/** One check on one subject. */
export interface Outcome {
  /** Stable: `conv2d/3x3-stride-2`. */
  readonly key: string;
  /** The op, or `combination`, `contract`, `golden`, ... */
  readonly group: string;
  readonly form: Form;
  readonly tier: Tier;
  readonly status: Status;
  /** The largest error in units of its bound; null: beyond any. 0 where nothing was run. */
  readonly worst: number | null;
  readonly seconds: number;
  /** One line for each thing that is off; of very many, the first ones. */
  readonly failures: readonly string[];
  /** Why it is expected to fail, not supported, or left out. */
  readonly reason?: string;
}

/** How many checks went how. */
export interface Tally extends Readonly<Record<Status, number>> {
  readonly all: number;
  /** Over the checks that were run, in units of each one's bound; null: beyond any. */
  readonly worst: number | null;
}

/** The outcomes of one op or group of checks, counted. */
export interface Row {
  /** The op, or `combination`, `contract`, `golden`, ... */
  readonly group: string;
  /** As the device takes it. */
  readonly native: Tally;
  /** Every composite written in primitives beforehand; counts nothing where there are no composites. */
  readonly decomposed: Tally;
  readonly seconds: number;
}

/** Something unexpected. */
export interface Wrong {
  /** Of the check; or of an op as a whole, or `device`. */
  readonly key: string;
  readonly status: 'failed' | 'mended';
  readonly failures: readonly string[];
}

/** The device of a report: its claims, and the id of a sample plan. */
export interface ReportedDevice extends DeviceInfo {
  readonly numerics: Device['numerics'];
  /** The id of a small program's plan; null where the device compiles none. */
  readonly plan: string | null;
}

/** The result of one run of the suite on one device, as plain JSON. */
export interface Report {
  /** The subject's: `tfjs (wasm)`. */
  readonly name: string;
  readonly device: ReportedDevice;
  readonly versions: { readonly conformance: string; readonly node: string };
  /** ISO 8601. */
  readonly started: string;
  readonly seconds: number;
  /** Whether it was stopped before its last check; what was not run is not counted. */
  readonly interrupted: boolean;
  /** All checks of graphs as the device takes them. */
  readonly native: Tally;
  /** All checks with every composite written in primitives beforehand. */
  readonly decomposed: Tally;
  /** Passed / all, both forms together: what is not supported or left out stays in the denominator. */
  readonly score: number;
  /** In the order in which they were first asked. */
  readonly rows: readonly Row[];
  /** Empty where all is as expected. */
  readonly wrong: readonly Wrong[];
  /** What did not pass and need not, with its reason: known faults, refusals, what was left out. */
  readonly excused: readonly Outcome[];
  /** Why the device had to be opened again, each time: it hung, or was lost. */
  readonly reopened: readonly string[];
}

/** What each status is called, in the order in which they are counted. */
export const statusTexts: readonly (readonly [status: Status, text: string])[] = [
  ['passed', 'passed'],
  ['failed', 'failed'],
  ['expected', 'expected'],
  ['mended', 'mended'],
  ['unsupported', 'unsupported'],
  ['leftOut', 'left out'],
];

/** Whether the status is unexpected: a failure, or a known fault that now passes. */
export function isWrong(status: Status): status is Wrong['status'] {
  return status === 'failed' || status === 'mended';
}

/** `failures` of an outcome: a network that is off is off in a thousand places. */
const MOST_FAILURES = 20;

export function shortened(failures: readonly string[]): readonly string[] {
  const rest = failures.length - MOST_FAILURES;
  return rest <= 1 ? failures : [...failures.slice(0, MOST_FAILURES), `and ${rest} more`];
}

/** A number of JSON. */
export function finite(worst: number): number | null {
  return Number.isFinite(worst) ? worst : null;
}

/** `0`, `<0.01`, `0.31`, `12.3`, `1e+5`; an error beyond any bound is `∞`. */
export function worstText(worst: number | null): string {
  if (worst === null) return '∞';
  if (worst > 0 && worst < 0.01) return '<0.01';
  if (worst >= 1000) return worst.toExponential(0);
  return worst === 0 ? '0' : worst.toFixed(worst < 10 ? 2 : 1);
}

function tallyOf(outcomes: readonly Outcome[]): Tally {
  const of = (status: Status): number => outcomes.filter((outcome) => outcome.status === status).length;
  return {
    passed: of('passed'),
    failed: of('failed'),
    expected: of('expected'),
    mended: of('mended'),
    unsupported: of('unsupported'),
    leftOut: of('leftOut'),
    all: outcomes.length,
    worst: finite(outcomes.reduce((worst, outcome) => Math.max(worst, outcome.worst ?? Infinity), 0)),
  };
}

function rowsOf(outcomes: readonly Outcome[]): readonly Row[] {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const known = groups.get(outcome.group);
    if (known) known.push(outcome);
    else groups.set(outcome.group, [outcome]);
  }
  return [...groups].map(([group, own]) => ({
    group,
    native: tallyOf(own.filter(({ form }) => form === 'native')),
    decomposed: tallyOf(own.filter(({ form }) => form === 'decomposed')),
    seconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
  }));
}

/** What is in a report beside that which adds up from the outcomes. */
export type ReportHead = Pick<
  Report,
  'name' | 'device' | 'versions' | 'started' | 'seconds' | 'interrupted' | 'reopened'
>;

/** @param more what is wrong beside single checks */
export function reportOf(
  head: ReportHead,
  outcomes: readonly Outcome[],
  more: readonly Wrong[] = [],
): Report {
  const all = tallyOf(outcomes);
  const wrong = outcomes.flatMap(({ key, status, failures, reason }): readonly Wrong[] => {
    if (status === 'failed') return [{ key, status, failures }];
    if (status !== 'mended') return [];
    return [
      { key, status, failures: [`it passes: take it off knownFaults, where it has the reason: ${reason}`] },
    ];
  });
  return {
    ...head,
    native: tallyOf(outcomes.filter(({ form }) => form === 'native')),
    decomposed: tallyOf(outcomes.filter(({ form }) => form === 'decomposed')),
    score: all.all === 0 ? 0 : all.passed / all.all,
    rows: rowsOf(outcomes),
    wrong: [...wrong, ...more],
    excused: outcomes.filter(({ status }) => ['expected', 'unsupported', 'leftOut'].includes(status)),
  };
}
