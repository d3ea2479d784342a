// metrics.jsonl: how a run went, for programs that plot it or watch it. One JSON object a line: one where each segment of the
// run starts, one per epoch. Lines are appended, so the last one may be torn by a crash; resuming a run repairs the file.
import type { EpochReport } from '@isonet/core';
import { Fields } from './fields.ts';
import { appendLine, readWholeFile, replaceFile } from './files.ts';
import { isThere } from './newFolder.ts';
import type { RunData } from './record.ts';
import type { SettingChanges } from './settingChanges.ts';

/** The start of a segment: what trains, on which device, on which data. */
export interface StartEntry {
  /** `resume` where steps were done before. */
  readonly event: 'start' | 'resume';
  /** ISO 8601. */
  readonly time: string;
  readonly model: string;
  readonly task: string;
  readonly recipe: string;
  readonly backend: string;
  /** The device's id, and the device for people. */
  readonly device: string;
  readonly deviceText: string;
  /** Why this device; of a resumed run, also whether the bits may differ from here on. */
  readonly why: string;
  readonly data: RunData;
  readonly epochs: number;
  /** Images per step. */
  readonly batchSize: number;
  /** Steps done, and in all. */
  readonly step: number;
  readonly steps: number;
  /** The settings that a resumed run was given others of. */
  readonly changes?: SettingChanges;
}

/** An epoch: core's report, and where and how fast it went. */
export interface EpochEntry extends EpochReport {
  readonly event: 'epoch';
  /** When it was saved, ISO 8601. */
  readonly time: string;
  /** Steps done. */
  readonly step: number;
  /** The learning rate of its last step. */
  readonly lr: number;
  /** Training images per second, evaluation not counted. */
  readonly imagesPerSecond: number;
}

/** A line of metrics.jsonl. */
export type MetricsEntry = StartEntry | EpochEntry;

/** Where a run starts or resumes: the steps and the epochs that are done. */
export interface RunPlace {
  readonly step: number;
  readonly epochs: number;
}

const MAX_BYTES = 2 ** 28;

/** Appends a line. @throws DataError `FILE_WRITE` */
export function appendEntry(file: string, entry: MetricsEntry, shown: string = file): Promise<void> {
  return appendLine(file, JSON.stringify(entry), shown);
}

/**
 * Drops what does not lead to the place where the run goes on: a torn last line, and the lines of steps that will be computed
 * again. A run without the file has nothing to drop.
 * @throws DataError `FILE_UNREADABLE`; `FILE_WRITE`
 */
export async function trimEntries(file: string, place: RunPlace, shown: string = file): Promise<void> {
  if (!(await isThere(file))) return;
  const bytes = await readWholeFile(file, MAX_BYTES);
  const text = new TextDecoder().decode(bytes);
  const kept = text
    .split('\n')
    .filter((line) => isBefore(line, place))
    .map((line) => `${line}\n`)
    .join('');
  // The text lacks a byte order mark, which an editor may have put before it and which is no JSON.
  const isSame = kept === text && Buffer.byteLength(kept) === bytes.length;
  if (!isSame) await replaceFile(file, kept, shown);
}

/** A torn line is no JSON. A segment that starts where the next one does computed nothing that was kept. */
function isBefore(line: string, { step, epochs }: RunPlace): boolean {
  try {
    const fields = Fields.parse(line, 'metrics.jsonl');
    return fields.text('event') === 'epoch'
      ? fields.whole('epoch', 1) <= epochs
      : fields.whole('step', 0) < step;
  } catch {
    return false;
  }
}
