// metrics.jsonl: the history of a run, for programs that plot or watch it. Each line is a JSON object: one at the start of
// each segment of the run, and one per epoch. Lines are appended, so a crash may tear the last one; resuming the run
// repairs the file.
import type { EpochReport } from '@isonet/core';
import { Fields } from './fields.ts';
import { appendLine, readWholeFile, replaceFile } from './files.ts';
import { pathExists } from './newFolder.ts';
import type { RunData } from './record.ts';
import type { SettingChanges } from './settingChanges.ts';

/** The start of a segment: the model, the device and the data. */
export interface StartEntry {
  /** `resume` if earlier segments have trained the run. */
  readonly event: 'start' | 'resume';
  /** ISO 8601. */
  readonly time: string;
  readonly model: string;
  readonly task: string;
  readonly recipe: string;
  readonly backend: string;
  /** The device's id, and a description of it. */
  readonly device: string;
  readonly deviceText: string;
  /** Why this device was chosen and, for a resumed run, whether the bits may differ from this step on. */
  readonly why: string;
  readonly data: RunData;
  readonly epochs: number;
  /** Images per step. */
  readonly batchSize: number;
  /** The steps done, and the total. */
  readonly step: number;
  readonly steps: number;
  /** The settings that were changed when the run was resumed. */
  readonly changes?: SettingChanges;
}

/** An epoch: core's report, and the progress and speed of the training. */
export interface EpochEntry extends EpochReport {
  readonly event: 'epoch';
  /** When it was saved, ISO 8601. */
  readonly time: string;
  /** The steps done. */
  readonly step: number;
  /** The learning rate of its last step. */
  readonly lr: number;
  /** Training images per second, excluding evaluation. */
  readonly imagesPerSecond: number;
}

/** A line of metrics.jsonl. */
export type MetricsEntry = StartEntry | EpochEntry;

/** The point where a run starts or resumes: the steps and epochs done before it. */
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
 * Drops the lines after the point where the run resumes: a torn last line, and the lines of steps that will be repeated.
 * Does nothing if the file does not exist.
 * @throws DataError `FILE_UNREADABLE`; `FILE_WRITE`
 */
export async function trimEntries(file: string, place: RunPlace, shown: string = file): Promise<void> {
  if (!(await pathExists(file))) return;
  const bytes = await readWholeFile(file, MAX_BYTES);
  const text = new TextDecoder().decode(bytes);
  const kept = text
    .split('\n')
    .filter((line) => isBefore(line, place))
    .map((line) => `${line}\n`)
    .join('');
  // An editor may have added a byte order mark, which is not valid JSON. Decoding drops it, so compare the lengths,
  // too.
  const isSame = kept === text && Buffer.byteLength(kept) === bytes.length;
  if (!isSame) await replaceFile(file, kept, shown);
}

/**
 * Returns whether to keep a line. Torn lines are not valid JSON. A segment that starts at this step or later has no
 * saved steps and is dropped.
 */
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
