// Completes the JSON of a part after its process has ended or been killed, and formats the summary.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PartFile } from '../kit/part.ts';
import type { Ended } from './child.ts';
import type { Scheduled } from './schedule.ts';

export type Outcome = PartFile['outcome'] | 'timed out' | 'crashed' | 'skipped';

export interface Finished {
  readonly part: string;
  readonly device: string | null;
  readonly outcome: Outcome;
  readonly seconds: number;
  readonly line: string;
}

/** Records the outcome of a part in its JSON and keeps its results. */
export function finish(out: string, { name }: Scheduled, device: string | null, ended: Ended): Finished {
  const file = readPart(out, name);
  const { seconds, tail } = ended;
  const agrees = ended.code === 0 ? file?.outcome === 'passed' : file?.outcome === 'failed';
  const own = agrees && !ended.timedOut ? file : undefined;
  const outcome = ended.timedOut ? 'timed out' : (own?.outcome ?? 'crashed');
  const last = tail.at(-1)?.trim().slice(0, 300) ?? 'nothing';
  const how = ended.timedOut ? `stopped after ${seconds.toFixed(0)} s` : `exit code ${ended.code}`;
  const line = own?.line ?? `${how}; last output: ${last}`;
  const finished: Finished = { part: name, device, outcome, seconds, line };
  const printed = outcome === 'passed' ? {} : { tail };
  writeJson(join(out, `${name}.json`), { ...finished, ...printed, results: file?.results ?? {} });
  return finished;
}

/** Records that a part was skipped, and why. */
export function skip(out: string, { name }: Scheduled, device: string | null, why: string): Finished {
  const finished: Finished = { part: name, device, outcome: 'skipped', seconds: 0, line: why };
  writeJson(join(out, `${name}.json`), { ...finished, results: {} });
  return finished;
}

/** Reads the JSON of a part; returns undefined if the file is missing or not JSON. */
export function readPart(out: string, name: string): PartFile | undefined {
  return readJson(join(out, `${name}.json`)) as PartFile | undefined;
}

/** Reads a JSON file that a pack wrote. */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

export interface Summary {
  readonly started: string;
  readonly seconds: number;
  readonly rehearsal: boolean;
  readonly parts: readonly Finished[];
}

/**
 * Writes the summary. Keeps the parts of an earlier run, unless they ran again, or only one of the two runs is a
 * rehearsal.
 */
export function writeSummary(out: string, summary: Summary): void {
  const path = join(out, 'summary.json');
  const before = readJson(path) as Summary | undefined;
  const again = new Set(summary.parts.map(({ part }) => part));
  const kept = before?.rehearsal === summary.rehearsal ? before.parts : [];
  writeJson(path, { ...summary, parts: [...kept.filter(({ part }) => !again.has(part)), ...summary.parts] });
}

/** Writes a file completely or not at all. */
function writeJson(path: string, value: object): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 1)}\n`);
  renameSync(`${path}.new`, path);
}

export function summaryLines(finished: readonly Finished[]): readonly string[] {
  return finished.map(
    ({ part, outcome, seconds, line }) =>
      `${part.padEnd(20)} ${outcome.padEnd(10)} ${seconds.toFixed(0).padStart(4)} s  ${line}`,
  );
}
