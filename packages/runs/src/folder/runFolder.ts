// A run on disk. run.json: what it is and how far it came. weights.safetensors: the weights as they are now, averaged where the
// run keeps averages; best.safetensors: those of the epoch whose validation loss is the lowest, where it has a validation.
// network.onnx: the file that a run of an ONNX network began with. checkpoints/: the whole state and its progress, twice. plan.json: what its backend chose, where it has choices.
// metrics.jsonl: how it went, epoch by epoch.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tensors } from '@isonet/core';
import { BackendError, DataError, encodeSafetensors } from '@isonet/core';
import { Checkpoints } from './checkpoints.ts';
import { withChecksum } from './checksum.ts';
import {
  isTemporary,
  MAX_TENSOR_BYTES,
  readTensorFile,
  readWholeFile,
  readWholeText,
  removeTemporaries,
  replaceFile,
} from './files.ts';
import type { RunLock } from './lock.ts';
import { isLocked, lockRun } from './lock.ts';
import type { MetricsEntry, RunPlace } from './metrics.ts';
import { appendEntry, trimEntries } from './metrics.ts';
import type { FolderName } from './newFolder.ts';
import { checkFree, folderName, isThere, makeFolder, makeNumberedFolder } from './newFolder.ts';
import type { RunRecord } from './record.ts';
import { parseRecord, recordText } from './record.ts';
import type { SavedPlans } from './savedPlans.ts';
import { parsePlans, plansText } from './savedPlans.ts';
import { command } from '../shell.ts';
import { counted } from '../words.ts';

const MAX_RECORD_BYTES = 2 ** 24;

/** Where runs go that are given no folder. */
export const RUNS_FOLDER = 'runs';

/** The weights of the epoch whose validation loss is the lowest. */
export const BEST_WEIGHTS = 'best.safetensors';

/** What the backend of a run has chosen. */
const PLANS = 'plan.json';

/** The network of a run that began with an ONNX file: its whole model. */
const NETWORK = 'network.onnx';

/**
 * The folder of a run. Its files are replaced whole: a crash leaves the old one or the new one. metrics.jsonl alone grows line
 * by line. Whoever writes into it holds its lock.
 */
export class RunFolder implements FolderName {
  readonly path: string;
  readonly shown: string;
  readonly checkpoints: Checkpoints;
  #lock: RunLock | undefined;

  private constructor({ path, shown }: FolderName) {
    this.path = path;
    this.shown = shown;
    this.checkpoints = new Checkpoints({ path, shown });
  }

  /** Checks that a run can be made under this name. @throws DataError `FOLDER_EXISTS` when it cannot */
  static checkFree(cwd: string, out: string): Promise<void> {
    return checkFree(cwd, out, isUnused);
  }

  /** Makes the folder that was named, locked. @throws DataError `FOLDER_EXISTS`; `RUN_LOCKED`; `FILE_WRITE` */
  static async create(cwd: string, out: string): Promise<RunFolder> {
    const folder = new RunFolder(await makeFolder(cwd, out, isUnused));
    // Another process may have made a run of it before this one got the lock.
    if (await folder.#lockUnused()) return folder;
    throw new DataError('FOLDER_EXISTS', `"${folder.shown}" already exists: name another folder with --out`);
  }

  /** Makes `runs/<name>`, or `runs/<name>-2`, -3, ..., locked. @throws DataError `FILE_WRITE` */
  static async createNumbered(cwd: string, name: string): Promise<RunFolder> {
    for (;;) {
      const folder = new RunFolder(await makeNumberedFolder(cwd, RUNS_FOLDER, name, isAbandoned));
      try {
        if (await folder.#lockUnused()) return folder;
      } catch (error) {
        if (!(error instanceof DataError && error.code === 'RUN_LOCKED')) throw error;
      }
    }
  }

  /** A run that exists. @throws DataError `RUN_MISSING` when it does not; `RUN_RECORD` when run.json is damaged */
  static async open(cwd: string, given: string): Promise<{ folder: RunFolder; record: RunRecord }> {
    const folder = new RunFolder(folderName(cwd, given));
    if (!(await isThere(folder.#file('run.json')))) {
      throw new DataError(
        'RUN_MISSING',
        (await isThere(folder.path))
          ? `"${given}" is not a run: it has no run.json; to train one: npx isonet train MODEL`
          : `"${given}" does not exist; to train a run into it: ${command`npx isonet train MODEL --out ${given}`}`,
      );
    }
    const text = await readWholeText(folder.#file('run.json'), MAX_RECORD_BYTES);
    return { folder, record: parseRecord(text, folder.recordFile) };
  }

  /**
   * Locks the run for this process, until {@link RunFolder.release}, and removes the temporary files of those before it.
   * @throws DataError `RUN_LOCKED` while another one trains it
   */
  async lock(): Promise<void> {
    this.#lock = await lockRun(this);
    // Without a lock, they may be another process's.
    if (this.#lock.problem !== undefined) return;
    await removeTemporaries(this.path);
    await removeTemporaries(this.#file('checkpoints'));
  }

  /** Why the run is not locked although this process trains it, where that is so. */
  get lockProblem(): string | undefined {
    return this.#lock?.problem;
  }

  /** Lets the run go. */
  async release(): Promise<void> {
    await this.#lock?.[Symbol.asyncDispose]();
    this.#lock = undefined;
  }

  /** Whether a file of the run is there. @throws DataError `FILE_UNREADABLE` when that cannot be told */
  holds(file: 'run.json' | 'weights.safetensors'): Promise<boolean> {
    return isThere(this.#file(file));
  }

  /** run.json as people type it. */
  get recordFile(): string {
    return join(this.shown, 'run.json');
  }

  /** Replaces run.json. @throws DataError `FILE_WRITE` */
  writeRecord(record: RunRecord): Promise<void> {
    return replaceFile(this.#file('run.json'), recordText(record), this.recordFile);
  }

  /** Replaces weights.safetensors. @throws DataError `FILE_WRITE` */
  writeWeights(weights: Tensors): Promise<void> {
    return this.#writeTensors('weights.safetensors', weights);
  }

  /** Replaces best.safetensors. @throws DataError `FILE_WRITE` */
  writeBest(weights: Tensors): Promise<void> {
    return this.#writeTensors(BEST_WEIGHTS, weights);
  }

  /**
   * The parameters and buffers last saved.
   * @param record what run.json says of the run
   * @throws DataError `FILE_MISSING` before the first save, or when the file is gone; `SAFETENSORS` or `CHECKSUM` when it is damaged
   */
  async readWeights(record: Pick<RunRecord, 'status' | 'step'>): Promise<Tensors> {
    if (!(await this.holds('weights.safetensors'))) {
      const text = `run "${this.shown}" has no weights.safetensors: ${await this.#whyWithout(record)}`;
      throw new DataError('FILE_MISSING', text);
    }
    return readTensorFile(this.#file('weights.safetensors'), join(this.shown, 'weights.safetensors'));
  }

  /**
   * The parameters and buffers of the best epoch.
   * @throws DataError `FILE_MISSING` in a run without a validation; `SAFETENSORS` or `CHECKSUM` when the file is damaged
   */
  async readBest(): Promise<Tensors> {
    if (!(await isThere(this.#file(BEST_WEIGHTS)))) {
      throw new DataError(
        'FILE_MISSING',
        `run "${this.shown}" has no ${BEST_WEIGHTS}: it is kept of runs with a validation (--validation 0.1), once an epoch is done`,
      );
    }
    return readTensorFile(this.#file(BEST_WEIGHTS), join(this.shown, BEST_WEIGHTS));
  }

  /** Adds a line to metrics.jsonl. @throws DataError `FILE_WRITE` */
  appendMetrics(entry: MetricsEntry): Promise<void> {
    return appendEntry(this.#file('metrics.jsonl'), entry, join(this.shown, 'metrics.jsonl'));
  }

  /** Drops the lines of metrics.jsonl that lie beyond where the run goes on. @throws DataError */
  trimMetrics(place: RunPlace): Promise<void> {
    return trimEntries(this.#file('metrics.jsonl'), place, join(this.shown, 'metrics.jsonl'));
  }

  /** Keeps the ONNX file that the run began with: its network is read from there. @throws DataError `FILE_WRITE` */
  writeNetwork(bytes: Uint8Array): Promise<void> {
    return replaceFile(this.#file(NETWORK), bytes, this.networkFile);
  }

  /** As {@link writeNetwork} wrote it. @throws DataError `FILE_MISSING` or `FILE_UNREADABLE` */
  async readNetwork(): Promise<Uint8Array> {
    if (await isThere(this.#file(NETWORK))) return readWholeFile(this.#file(NETWORK), MAX_TENSOR_BYTES);
    throw new DataError(
      'FILE_MISSING',
      `run "${this.shown}" has no ${NETWORK}, which its network is read from: put it back, or train another run`,
    );
  }

  /** network.onnx as people type it. */
  get networkFile(): string {
    return join(this.shown, NETWORK);
  }

  /** Replaces plan.json. @throws DataError `FILE_WRITE` */
  writePlans(saved: SavedPlans): Promise<void> {
    return replaceFile(this.#file(PLANS), plansText(saved), join(this.shown, PLANS));
  }

  /** What the run's backend has chosen, where it had choices. @throws DataError `RUN_RECORD` when the file is damaged */
  async readPlans(): Promise<SavedPlans | undefined> {
    if (!(await isThere(this.#file(PLANS)))) return undefined;
    try {
      const text = await readWholeText(this.#file(PLANS), MAX_RECORD_BYTES);
      return parsePlans(text, join(this.shown, PLANS));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      throw new DataError(error.code, `${error.message}; ${this.#withoutPlans}`, { cause: error });
    }
  }

  /** A `PLAN` error of a backend that was given the run's plans, with its fix. */
  planError(backend: string, cause: BackendError): BackendError {
    const message = `run "${this.shown}": plan.json was not made by this ${backend}: ${this.#withoutPlans}`;
    return new BackendError('PLAN', message, { cause });
  }

  /** Why weights.safetensors is not there, and what to do. */
  async #whyWithout({ status, step }: Pick<RunRecord, 'status' | 'step'>): Promise<string> {
    const restore = 'put the file back, or train another run';
    if (status === 'finished') return `the run is finished, so the file was removed; ${restore}`;
    const resume = command`resume it (npx isonet train --resume ${this.shown}), or train another`;
    if (step === 0) return `it ended before its first epoch was saved; ${resume}`;
    const saved = `it was saved after ${counted(step, 'step')}, so the file was removed`;
    // A run that is resumed writes its weights again.
    return (await this.checkpoints.any())
      ? `${saved}; ${resume}`
      : `${saved}, as were its checkpoints; ${restore}`;
  }

  get #withoutPlans(): string {
    return `delete ${join(this.shown, PLANS)} to resume with a new plan (the bits may differ)`;
  }

  /** Locks a folder and empties it, if it is unused. @returns whether it is; otherwise it is not locked */
  async #lockUnused(): Promise<boolean> {
    await this.lock();
    try {
      if (await isUnused(this.path)) {
        await rm(this.#file('checkpoints'), { recursive: true, force: true });
        await rm(this.#file(PLANS), { force: true });
        return true;
      }
    } catch (error) {
      await this.release();
      throw error;
    }
    await this.release();
    return false;
  }

  #writeTensors(name: string, tensors: Tensors): Promise<void> {
    const bytes = encodeSafetensors(tensors, withChecksum(tensors));
    return replaceFile(this.#file(name), bytes, join(this.shown, name));
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}

/** Whether there is nothing in a folder, or no more than what a process leaves that is killed before it writes run.json. */
async function isUnused(path: string): Promise<boolean> {
  const names = await readdir(path).catch(() => ['something']);
  if (!names.every((name) => isTemporary(name) || name === 'checkpoints' || name === PLANS)) return false;
  if (names.includes(PLANS) && !(await arePlans(join(path, PLANS)))) return false;
  return !names.includes('checkpoints') || Checkpoints.areUnused({ path, shown: path });
}

/** Whether isonet wrote a plan.json. */
async function arePlans(file: string): Promise<boolean> {
  try {
    parsePlans(await readWholeText(file, MAX_RECORD_BYTES), file);
    return true;
  } catch {
    return false;
  }
}

/** A process that this one does not see needs no longer to write run.json. */
const ABANDONED_MS = 60_000;

/** Whether a folder without a run.json will not become a run any more. */
async function isAbandoned(path: string): Promise<boolean> {
  if (!(await isUnused(path)) || (await isLocked({ path, shown: path }))) return false;
  return Date.now() - (await stat(path)).mtimeMs > ABANDONED_MS;
}
