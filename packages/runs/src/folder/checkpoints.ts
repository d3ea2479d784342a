// The checkpoints of a run: checkpoints/step-N.safetensors, of which the last two are kept. Should the newest turn out to be
// damaged, the run goes on from the one before.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@isonet/core';
import type { SavedState } from './checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import { codeOf, isTemporary, MAX_TENSOR_BYTES, readWholeFile, replaceFile, unwritable } from './files.ts';
import type { FolderName } from './newFolder.ts';

const FOLDER = 'checkpoints';
const NAME = /^step-(\d{1,15})\.safetensors$/;
/** The only one, of isonet 0.3.0 and before. */
const OLD_NAME = 'checkpoint.safetensors';
const KEPT = 2;
/** What a file is refused with whose bytes are not what was written. */
const DAMAGE = new Set(['SAFETENSORS', 'CHECKSUM', 'RUN_RECORD']);

/** A checkpoint that was read. */
export interface FoundCheckpoint {
  readonly saved: SavedState;
  /** As people type it. */
  readonly file: string;
  /** What is wrong with newer ones, each in a line. */
  readonly damaged: readonly string[];
}

/** The checkpoints in the folder of a run. */
export class Checkpoints {
  readonly #run: FolderName;
  /** Names, the newest first, of those that this process has read or written. */
  #kept: readonly string[] = [];

  constructor(run: FolderName) {
    this.#run = run;
  }

  /** Whether there is one. */
  async any(): Promise<boolean> {
    return (await this.#names()).length > 0;
  }

  /** Whether a folder holds none but that of a start, which is written before run.json. */
  static async areUnused(run: FolderName): Promise<boolean> {
    const names = await entriesOf(join(run.path, FOLDER));
    return names.every((name) => isTemporary(name) || name === 'step-0.safetensors');
  }

  /** Writes one, then removes all but it and the one before. @throws DataError `FILE_WRITE` */
  async write(saved: SavedState): Promise<void> {
    const name = join(FOLDER, `step-${saved.step}.safetensors`);
    await mkdir(join(this.#run.path, FOLDER), { recursive: true }).catch((cause: unknown) => {
      throw unwritable(join(this.#run.shown, FOLDER), cause);
    });
    await replaceFile(join(this.#run.path, name), encodeCheckpoint(saved), join(this.#run.shown, name));
    this.#kept = [name, ...this.#kept.filter((other) => other !== name)].slice(0, KEPT);
    await this.#prune();
  }

  /** Removes all but the last. */
  async keepLast(): Promise<void> {
    if (this.#kept.length === 0) return;
    this.#kept = this.#kept.slice(0, 1);
    await this.#prune();
  }

  /**
   * The newest that is whole, or undefined where there is none.
   * @throws DataError naming the newest and what is wrong with it when all are damaged
   */
  async read(): Promise<FoundCheckpoint | undefined> {
    const damaged: string[] = [];
    let first: DataError | undefined;
    for (const name of await this.#names()) {
      const file = join(this.#run.shown, name);
      try {
        const bytes = await readWholeFile(join(this.#run.path, name), MAX_TENSOR_BYTES);
        const saved = decodeCheckpoint(bytes, file);
        this.#kept = [name];
        return { saved, file, damaged };
      } catch (error) {
        if (!(error instanceof DataError && DAMAGE.has(error.code))) throw error;
        first ??= error;
        damaged.push(error.message);
      }
    }
    if (first) throw first;
    return undefined;
  }

  /** The newest first. */
  async #names(): Promise<readonly string[]> {
    const steps = (await entriesOf(join(this.#run.path, FOLDER))).flatMap((entry) => {
      const step = NAME.exec(entry)?.[1];
      return step === undefined ? [] : [Number(step)];
    });
    const names = steps.toSorted((a, b) => b - a).map((step) => join(FOLDER, `step-${step}.safetensors`));
    const old = (await entriesOf(this.#run.path)).filter((entry) => entry === OLD_NAME);
    return [...names, ...old];
  }

  /** A file that cannot be removed does no harm. */
  async #prune(): Promise<void> {
    const kept = new Set(this.#kept);
    for (const name of await this.#names()) {
      if (kept.has(name)) continue;
      await rm(join(this.#run.path, name), { force: true }).catch(() => undefined);
    }
  }
}

async function entriesOf(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw new DataError('FILE_UNREADABLE', `${path}: cannot be listed`, { cause });
  }
}
