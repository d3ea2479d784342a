// A run on disk. run.json: what it is and how far it came. weights.safetensors: the parameters as they are now.
// checkpoint.safetensors: the whole state and its progress, while there is something to resume. plan.json: what its backend
// chose, where it has choices.
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Tensors } from '@isonet/core';
import { BackendError, DataError, decodeSafetensors, encodeSafetensors, messageOf } from '@isonet/core';
import { codeOf, readWholeFile, replaceFile } from './files.ts';
import type { Progress, RunRecord } from './record.ts';
import { parseProgress, parseRecord, progressText, recordText } from './record.ts';
import type { SavedPlans } from './savedPlans.ts';
import { parsePlans, plansText } from './savedPlans.ts';

const MAX_RECORD_BYTES = 2 ** 24;
const MAX_TENSOR_BYTES = 2 ** 31 - 1;

export interface SavedState {
  readonly values: Tensors;
  readonly progress: Progress;
}

export class RunFolder {
  readonly path: string;
  /** As people type it. */
  readonly shown: string;

  private constructor(cwd: string, given: string) {
    this.path = resolve(cwd, given);
    const short = relative(cwd, this.path);
    this.shown = short === '' || short.startsWith('..') || isAbsolute(short) ? this.path : short;
  }

  /** @throws DataError `RUN_EXISTS` when there is something of that name */
  static async checkFree(cwd: string, out: string): Promise<void> {
    const folder = new RunFolder(cwd, out);
    if (await isThere(folder.path)) throw taken(folder);
  }

  /** Makes the folder that was named. @throws DataError `RUN_EXISTS`; `FILE_WRITE` */
  static async create(cwd: string, out: string): Promise<RunFolder> {
    const folder = new RunFolder(cwd, out);
    if (!(await folder.#make())) throw taken(folder);
    return folder;
  }

  /** Makes `runs/<name>`, or `runs/<name>-2`, -3, ... */
  static async createNumbered(cwd: string, name: string): Promise<RunFolder> {
    for (let i = 1; ; i++) {
      const folder = new RunFolder(cwd, join('runs', i === 1 ? name : `${name}-${i}`));
      if (await folder.#make()) return folder;
    }
  }

  /** A run that is there. @throws DataError `RUN_MISSING` when it is none; `RUN_RECORD` when run.json is damaged */
  static async open(cwd: string, given: string): Promise<{ folder: RunFolder; record: RunRecord }> {
    const folder = new RunFolder(cwd, given);
    if (!(await isThere(folder.#file('run.json')))) {
      const what = (await isThere(folder.path)) ? 'has no run.json' : 'is not there';
      throw new DataError('RUN_MISSING', `"${given}" is no run folder: it ${what}; isonet train makes one`);
    }
    const bytes = await readWholeFile(folder.#file('run.json'), MAX_RECORD_BYTES);
    return { folder, record: parseRecord(bytes.toString('utf8'), join(folder.shown, 'run.json')) };
  }

  writeRecord(record: RunRecord): Promise<void> {
    return replaceFile(this.#file('run.json'), recordText(record));
  }

  writeWeights(weights: Tensors): Promise<void> {
    return replaceFile(this.#file('weights.safetensors'), encodeSafetensors(weights));
  }

  writeCheckpoint({ values, progress }: SavedState): Promise<void> {
    const bytes = encodeSafetensors(values, { progress: progressText(progress) });
    return replaceFile(this.#file('checkpoint.safetensors'), bytes);
  }

  async removeCheckpoint(): Promise<void> {
    await rm(this.#file('checkpoint.safetensors'), { force: true });
  }

  /** @throws DataError `FILE_MISSING` before the first save; `SAFETENSORS` when it is damaged */
  async readWeights(): Promise<Tensors> {
    if (!(await isThere(this.#file('weights.safetensors')))) {
      throw new DataError(
        'FILE_MISSING',
        `run "${this.shown}" has no weights.safetensors: it was stopped before it saved; resume it: npx isonet train --resume ${this.shown}`,
      );
    }
    return (await this.#readTensors('weights.safetensors')).tensors;
  }

  /** Where a stopped run stands, or undefined when it never saved. @throws DataError when the file is damaged */
  async readCheckpoint(): Promise<SavedState | undefined> {
    const name = 'checkpoint.safetensors';
    if (!(await isThere(this.#file(name)))) return undefined;
    const {
      tensors,
      metadata: { progress },
    } = await this.#readTensors(name);
    const file = join(this.shown, name);
    if (progress === undefined) {
      throw new DataError('RUN_RECORD', `${file}: does not say how far the run came: it is damaged`);
    }
    return { values: tensors, progress: parseProgress(progress, file) };
  }

  writePlans(saved: SavedPlans): Promise<void> {
    return replaceFile(this.#file('plan.json'), plansText(saved));
  }

  /** What the run's backend has chosen, where it had choices. @throws DataError `RUN_RECORD` when the file is damaged */
  async readPlans(): Promise<SavedPlans | undefined> {
    const name = 'plan.json';
    if (!(await isThere(this.#file(name)))) return undefined;
    try {
      const bytes = await readWholeFile(this.#file(name), MAX_RECORD_BYTES);
      return parsePlans(bytes.toString('utf8'), join(this.shown, name));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      throw new DataError(error.code, `${error.message}; ${this.#withoutPlans}`, { cause: error });
    }
  }

  /** A `PLAN` error of a device that was given the run's plans, with its fix. */
  planError(error: BackendError): BackendError {
    const message = `run "${this.shown}": plan.json does not fit here: ${error.message}; ${this.#withoutPlans}`;
    return new BackendError('PLAN', message, { cause: error });
  }

  get #withoutPlans(): string {
    return `to resume by another plan, with other bits, delete ${join(this.shown, 'plan.json')}`;
  }

  async #readTensors(name: string): Promise<ReturnType<typeof decodeSafetensors>> {
    return decodeSafetensors(await readWholeFile(this.#file(name), MAX_TENSOR_BYTES), join(this.shown, name));
  }

  /** Makes the folder; false when the name is taken. */
  async #make(): Promise<boolean> {
    try {
      await makeFolders(dirname(this.path));
      await mkdir(this.path);
      return true;
    } catch (cause) {
      if (codeOf(cause) === 'EEXIST' && (await isThere(this.path))) return false;
      throw new DataError('FILE_WRITE', `run folder "${this.shown}": cannot be made: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}

function taken({ shown }: RunFolder): DataError {
  return new DataError('RUN_EXISTS', `"${shown}" is there already: name another folder with --out`);
}

/** Makes a folder and those above it. Not by mkdir's `recursive`: below /proc, Node 20 never returns from it. */
async function makeFolders(path: string): Promise<void> {
  if (await isThere(path)) return;
  await makeFolders(dirname(path));
  await mkdir(path).catch((error: unknown) => {
    // Another process was faster.
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return false;
    throw new DataError('FILE_UNREADABLE', `${path}: cannot be looked at: ${messageOf(cause)}`, { cause });
  }
}
