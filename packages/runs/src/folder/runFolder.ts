// A run on disk:
// - run.json: its settings and its progress
// - weights.safetensors: its current weights, averaged if it keeps averages
// - best.safetensors: the weights of the epoch with the lowest validation loss, if it has validation images
// - checkpoints/: the last two checkpoints, each with the complete state and progress
// - plan.json: the choices of its backend, if it made any
// - network.onnx: the file that a run of an ONNX network started from
// - metrics.jsonl: its history, epoch by epoch
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
import { checkFree, folderName, pathExists, makeFolder, makeNumberedFolder } from './newFolder.ts';
import type { RunRecord } from './record.ts';
import { parseRecord, recordText } from './record.ts';
import type { SavedPlans } from './savedPlans.ts';
import { parsePlans, plansText } from './savedPlans.ts';
import { command } from '../shell.ts';
import { counted } from '../words.ts';

const MAX_RECORD_BYTES = 2 ** 24;

/** The default folder for runs. */
export const RUNS_FOLDER = 'runs';

/** The weights of the epoch with the lowest validation loss. */
export const BEST_WEIGHTS = 'best.safetensors';

/** The choices of the run's backend. */
const PLANS = 'plan.json';

/** The complete model of a run that started from an ONNX file. */
const NETWORK = 'network.onnx';

/**
 * The folder of a run. Files are replaced atomically: a crash leaves either the old or the new one. Only metrics.jsonl
 * grows line by line. A process that writes to the folder holds its lock.
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

  /** Checks that a run can be created under this name. @throws DataError `FOLDER_EXISTS` if it cannot */
  static checkFree(cwd: string, out: string): Promise<void> {
    return checkFree(cwd, out, isUnused);
  }

  /** Creates and locks the named folder. @throws DataError `FOLDER_EXISTS`; `RUN_LOCKED`; `FILE_WRITE` */
  static async create(cwd: string, out: string): Promise<RunFolder> {
    const folder = new RunFolder(await makeFolder(cwd, out, isUnused));
    // Another process may have created a run here before this one got the lock.
    if (await folder.#lockUnused()) return folder;
    throw new DataError(
      'FOLDER_EXISTS',
      `"${folder.shown}" already exists: choose another folder with --out`,
    );
  }

  /** Creates and locks `runs/<name>`, or `runs/<name>-2`, -3, ... @throws DataError `FILE_WRITE` */
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

  /** Opens an existing run. @throws DataError `RUN_MISSING` if it does not exist; `RUN_RECORD` if run.json is damaged */
  static async open(cwd: string, given: string): Promise<{ folder: RunFolder; record: RunRecord }> {
    const folder = new RunFolder(folderName(cwd, given));
    if (!(await pathExists(folder.#file('run.json')))) {
      throw new DataError(
        'RUN_MISSING',
        (await pathExists(folder.path))
          ? `"${given}" is not a run: it has no run.json; to train one: npx isonet train MODEL`
          : `"${given}" does not exist; to train a run into it: ${command`npx isonet train MODEL --out ${given}`}`,
      );
    }
    const text = await readWholeText(folder.#file('run.json'), MAX_RECORD_BYTES);
    return { folder, record: parseRecord(text, folder.recordFile) };
  }

  /**
   * Locks the run for this process until {@link RunFolder.release}, and removes the temporary files of earlier processes.
   * @throws DataError `RUN_LOCKED` while another process trains it
   */
  async lock(): Promise<void> {
    this.#lock = await lockRun(this);
    // Without a lock, the temporary files may belong to another process.
    if (this.#lock.problem !== undefined) return;
    await removeTemporaries(this.path);
    await removeTemporaries(this.#file('checkpoints'));
  }

  /** Why this process trains the run without a lock; undefined if it holds one. */
  get lockProblem(): string | undefined {
    return this.#lock?.problem;
  }

  /** Releases the lock. */
  async release(): Promise<void> {
    await this.#lock?.[Symbol.asyncDispose]();
    this.#lock = undefined;
  }

  /** Returns whether the run has a file. @throws DataError `FILE_UNREADABLE` if that cannot be determined */
  holds(file: 'run.json' | 'weights.safetensors'): Promise<boolean> {
    return pathExists(this.#file(file));
  }

  /** The path of run.json as the user types it. */
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
   * Reads the last saved parameters and buffers.
   * @param record the record in run.json
   * @throws DataError `FILE_MISSING` before the first save, or if the file is missing; `SAFETENSORS` or `CHECKSUM` if it is
   *   damaged
   */
  async readWeights(record: Pick<RunRecord, 'status' | 'step'>): Promise<Tensors> {
    if (!(await this.holds('weights.safetensors'))) {
      const text = `run "${this.shown}" has no weights.safetensors: ${await this.#whyWithout(record)}`;
      throw new DataError('FILE_MISSING', text);
    }
    return readTensorFile(this.#file('weights.safetensors'), join(this.shown, 'weights.safetensors'));
  }

  /**
   * Reads the parameters and buffers of the best epoch.
   * @throws DataError `FILE_MISSING` for a run without validation images; `SAFETENSORS` or `CHECKSUM` if the file is
   *   damaged
   */
  async readBest(): Promise<Tensors> {
    if (!(await pathExists(this.#file(BEST_WEIGHTS)))) {
      throw new DataError(
        'FILE_MISSING',
        `run "${this.shown}" has no ${BEST_WEIGHTS}: only runs with validation images (--validation 0.1) save it, after an epoch`,
      );
    }
    return readTensorFile(this.#file(BEST_WEIGHTS), join(this.shown, BEST_WEIGHTS));
  }

  /** Adds a line to metrics.jsonl. @throws DataError `FILE_WRITE` */
  appendMetrics(entry: MetricsEntry): Promise<void> {
    return appendEntry(this.#file('metrics.jsonl'), entry, join(this.shown, 'metrics.jsonl'));
  }

  /** Drops the lines of metrics.jsonl after the point where the run resumes. @throws DataError */
  trimMetrics(place: RunPlace): Promise<void> {
    return trimEntries(this.#file('metrics.jsonl'), place, join(this.shown, 'metrics.jsonl'));
  }

  /**
   * Saves a copy of the ONNX file that the run starts from, so that later reads do not need the original.
   * @throws DataError `FILE_WRITE`
   */
  writeNetwork(bytes: Uint8Array): Promise<void> {
    return replaceFile(this.#file(NETWORK), bytes, this.networkFile);
  }

  /** Reads the ONNX file that the run started from. @throws DataError `FILE_MISSING` or `FILE_UNREADABLE` */
  async readNetwork(): Promise<Uint8Array> {
    if (await pathExists(this.#file(NETWORK))) return readWholeFile(this.#file(NETWORK), MAX_TENSOR_BYTES);
    throw new DataError(
      'FILE_MISSING',
      `run "${this.shown}" has no ${NETWORK}, which defines its network: restore it, or train another run`,
    );
  }

  /** The path of network.onnx as the user types it. */
  get networkFile(): string {
    return join(this.shown, NETWORK);
  }

  /** Replaces plan.json. @throws DataError `FILE_WRITE` */
  writePlans(saved: SavedPlans): Promise<void> {
    return replaceFile(this.#file(PLANS), plansText(saved), join(this.shown, PLANS));
  }

  /** Reads the choices of the run's backend, if it made any. @throws DataError `RUN_RECORD` if the file is damaged */
  async readPlans(): Promise<SavedPlans | undefined> {
    if (!(await pathExists(this.#file(PLANS)))) return undefined;
    try {
      const text = await readWholeText(this.#file(PLANS), MAX_RECORD_BYTES);
      return parsePlans(text, join(this.shown, PLANS));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      throw new DataError(error.code, `${error.message}; ${this.#withoutPlans}`, { cause: error });
    }
  }

  /** Builds the error for a backend that rejects the run's plans, with its fix. */
  planError(backend: string, cause: BackendError): BackendError {
    const message = `run "${this.shown}": plan.json was not written by this version of ${backend}: ${this.#withoutPlans}`;
    return new BackendError('PLAN', message, { cause });
  }

  /** Explains why weights.safetensors is missing, and how to fix it. */
  async #whyWithout({ status, step }: Pick<RunRecord, 'status' | 'step'>): Promise<string> {
    const restore = 'restore it, or train another run';
    if (status === 'finished') return `the run is finished, so the file must have been removed; ${restore}`;
    const resume = command`resume it (npx isonet train --resume ${this.shown}), or train another`;
    if (step === 0) return `it ended before its first epoch was saved; ${resume}`;
    const saved = `it was saved after ${counted(step, 'step')}, so the file must have been removed`;
    // Resuming the run writes its weights again.
    return (await this.checkpoints.any())
      ? `${saved}; ${resume}`
      : `${saved}, as were its checkpoints; ${restore}`;
  }

  get #withoutPlans(): string {
    return `delete ${join(this.shown, PLANS)} to resume with a new plan (the bits may differ)`;
  }

  /** Locks and empties a folder if it is unused. @returns whether it was unused; if it was not, it is not locked */
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

/** Returns whether a folder is empty, or holds only the leftovers of a process that was killed before it wrote run.json. */
async function isUnused(path: string): Promise<boolean> {
  const names = await readdir(path).catch(() => ['something']);
  if (!names.every((name) => isTemporary(name) || name === 'checkpoints' || name === PLANS)) return false;
  if (names.includes(PLANS) && !(await arePlans(join(path, PLANS)))) return false;
  return !names.includes('checkpoints') || Checkpoints.areUnused({ path, shown: path });
}

/** Returns whether a file is a plan.json that isonet wrote. */
async function arePlans(file: string): Promise<boolean> {
  try {
    parsePlans(await readWholeText(file, MAX_RECORD_BYTES), file);
    return true;
  } catch {
    return false;
  }
}

/** A process on another machine, whose lock is not visible here, writes run.json within this time. */
const ABANDONED_MS = 60_000;

/** Returns whether a folder without a run.json was abandoned and will not become a run. */
async function isAbandoned(path: string): Promise<boolean> {
  if (!(await isUnused(path)) || (await isLocked({ path, shown: path }))) return false;
  return Date.now() - (await stat(path)).mtimeMs > ABANDONED_MS;
}
