// Lists the runs in a folder with their states. A damaged run is listed with its problem and does not hide the others.
// Folders that are not runs are counted.
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { codeOf, DataError, messageOf } from '@isonet/core';
import { isLocked } from './lock.ts';
import { maybeElsewhere } from './lockSpace.ts';
import type { FolderName } from './newFolder.ts';
import { folderName, pathExists } from './newFolder.ts';
import type { RunRecord } from './record.ts';
import { RunFolder, RUNS_FOLDER } from './runFolder.ts';
import { reasonOf } from './unwritable.ts';

/**
 * The state of a run:
 * - `finished`: trained for all epochs
 * - `stoppedEarly`: finished by early stopping
 * - `died`, `diverged`: finished, but useless (see `Collapse`)
 * - `stopped`, `failed`: can be resumed
 * - `running`: a process is training it
 * - `killed`: its process ended without updating run.json; it can be resumed
 * - `broken`: one of its files is damaged or missing
 */
export type RunState =
  'finished' | 'stoppedEarly' | 'died' | 'diverged' | 'stopped' | 'failed' | 'running' | 'killed' | 'broken';

/** A run in a list. */
export interface ListedRun extends FolderName {
  readonly state: RunState;
  /** A short description of the problem, if the run is broken. */
  readonly problem?: string;
  /** Undefined if run.json cannot be read. */
  readonly record?: RunRecord;
  /** When the run was last saved or, without a readable run.json, when its folder was last modified. */
  readonly updated: Date;
}

/** The runs in a folder. */
export interface RunList {
  /** The runs, most recently saved first. */
  readonly runs: readonly ListedRun[];
  /** The number of folders without a run.json. */
  readonly otherFolders: number;
}

/**
 * Lists the runs in a folder. A folder that is itself a run is listed as one run.
 * @param given the folder, relative to `cwd`; undefined: `runs`, which may not exist yet
 * @throws DataError `RUNS_MISSING` if the named folder does not exist; `FILE_UNREADABLE` if it cannot be listed
 */
export async function listRuns(cwd: string, given?: string): Promise<RunList> {
  const parent = folderName(cwd, given ?? RUNS_FOLDER);
  const entries = await entriesOf(parent, given !== undefined);
  if (entries.some(({ name }) => name === 'run.json'))
    return { runs: [await listed(parent)], otherFolders: 0 };
  const names = entries.filter((entry) => !entry.isFile() && !entry.name.startsWith('.'));
  const runs: ListedRun[] = [];
  let otherFolders = 0;
  for (const { name } of names) {
    const folder = folderName(cwd, join(parent.path, name));
    const info = await stat(folder.path).catch(() => undefined);
    if (info?.isDirectory() !== true) continue;
    if (await hasRecord(folder)) runs.push(await listed(folder));
    else otherFolders++;
  }
  const sorted = runs.toSorted(
    (a, b) => b.updated.getTime() - a.updated.getTime() || (a.path < b.path ? -1 : 1),
  );
  return { runs: sorted, otherFolders };
}

async function entriesOf({ path, shown }: FolderName, named: boolean): Promise<readonly Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT') {
      if (!named) return [];
      throw new DataError('RUNS_MISSING', `"${shown}" does not exist: choose a folder with runs`, { cause });
    }
    if (code === 'ENOTDIR') {
      throw new DataError('FILE_UNREADABLE', `"${shown}" is not a folder: choose a folder with runs`, {
        cause,
      });
    }
    throw new DataError('FILE_UNREADABLE', `"${shown}" cannot be listed: ${reasonOf(cause)}`, { cause });
  }
}

/** Returns whether a folder may be a run. A folder that cannot be read counts as one and is listed with that problem. */
function hasRecord({ path }: FolderName): Promise<boolean> {
  return pathExists(join(path, 'run.json')).catch(() => true);
}

async function listed(name: FolderName): Promise<ListedRun> {
  try {
    const { folder, record } = await RunFolder.open(name.path, '.');
    const problem = await missing(folder, record);
    const updated = new Date(record.updated);
    if (Number.isNaN(updated.getTime())) return await broken(name, 'run.json: updated is not a date');
    const found = { ...name, record, updated };
    return problem === undefined
      ? { ...found, state: await stateOf(folder, record) }
      : { ...found, state: 'broken', problem };
  } catch (error) {
    return broken(name, messageOf(error).replaceAll(`${name.path}${sep}`, ''));
  }
}

async function broken(name: FolderName, problem: string): Promise<ListedRun> {
  const info = await stat(name.path).catch(() => undefined);
  return { ...name, state: 'broken', problem, updated: info === undefined ? new Date(0) : info.mtime };
}

/** Names the file that a run needs but lacks, if any. */
async function missing(folder: RunFolder, { status, step, options }: RunRecord): Promise<string | undefined> {
  // A run that starts from other weights saves them before its first step, so it needs them even at step 0.
  if (step === 0 && options.weights === null) return undefined;
  if (status === 'finished') {
    return (await folder.holds('weights.safetensors')) ? undefined : 'weights.safetensors is missing';
  }
  return (await folder.checkpoints.any()) ? undefined : 'its checkpoints are missing';
}

async function stateOf(folder: FolderName, record: RunRecord): Promise<RunState> {
  const { status, collapse, history, options } = record;
  if (status === 'running') {
    return (await isLocked(folder)) || (await maybeElsewhere(record)) ? 'running' : 'killed';
  }
  if (status !== 'finished') return status;
  if (collapse === 'output') return 'died';
  if (collapse === 'diverged') return 'diverged';
  return history.length < options.epochs ? 'stoppedEarly' : 'finished';
}
