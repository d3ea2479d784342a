// The checkpoints of a run: checkpoints/step-N.safetensors, of which the last two are kept. If the newest one is damaged,
// the run resumes from the one before.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, DataError } from '@isonet/core';
import type { SavedState } from './checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import { isTemporary, MAX_TENSOR_BYTES, readWholeFile, replaceFile } from './files.ts';
import type { FolderName } from './newFolder.ts';
import { unwritable } from './unwritable.ts';

const FOLDER = 'checkpoints';
const NAME = /^step-(\d{1,15})\.safetensors$/;
/** The single checkpoint of isonet 0.3.0 and earlier. */
const OLD_NAME = 'checkpoint.safetensors';
const KEPT = 2;
/** The error codes of a damaged checkpoint. */
const DAMAGE = new Set(['SAFETENSORS', 'CHECKSUM', 'RUN_RECORD']);

/** The checkpoint that a run resumes from. */
export interface FoundCheckpoint {
  readonly saved: SavedState;
  /** The path as the user types it. */
  readonly file: string;
  /** The problems of newer checkpoints, one line each. */
  readonly damaged: readonly string[];
}

/** The checkpoints in the folder of a run. */
export class Checkpoints {
  readonly #run: FolderName;
  /** The names of the checkpoints that this process has read or written, newest first. */
  #kept: readonly string[] = [];

  constructor(run: FolderName) {
    this.#run = run;
  }

  /** Returns whether the run has a checkpoint. */
  async any(): Promise<boolean> {
    return (await this.#names()).length > 0;
  }

  /** Returns whether a folder has at most the checkpoint of step 0, which is written before run.json. */
  static async areUnused(run: FolderName): Promise<boolean> {
    const names = await entriesOf(join(run.path, FOLDER));
    return names.every((name) => isTemporary(name) || name === 'step-0.safetensors');
  }

  /** Writes a checkpoint, then removes all others except the previous one. @throws DataError `FILE_WRITE` */
  async write(saved: SavedState): Promise<void> {
    const name = join(FOLDER, `step-${saved.step}.safetensors`);
    // Not recursive: a run that is deleted during training must stay deleted.
    await mkdir(join(this.#run.path, FOLDER)).catch((cause: unknown) => {
      if (codeOf(cause) !== 'EEXIST') throw unwritable(join(this.#run.shown, FOLDER), cause);
    });
    const bytes = encodeCheckpoint(saved);
    if (bytes.length > MAX_TENSOR_BYTES) {
      throw new DataError(
        'FILE_WRITE',
        `${join(this.#run.shown, name)}: expected a checkpoint of at most ${MAX_TENSOR_BYTES} bytes, got ${bytes.length}: train a smaller network, or train without early stopping and averages`,
      );
    }
    await replaceFile(join(this.#run.path, name), bytes, join(this.#run.shown, name));
    this.#kept = [name, ...this.#kept.filter((other) => other !== name)].slice(0, KEPT);
    await this.#prune();
  }

  /** Removes all checkpoints but the last. */
  async keepLast(): Promise<void> {
    if (this.#kept.length === 0) return;
    this.#kept = this.#kept.slice(0, 1);
    await this.#prune();
  }

  /**
   * Reads the newest intact checkpoint; undefined if there is none.
   * @throws DataError naming the newest checkpoint and its problem if all are damaged
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
        if (!(error instanceof DataError && isDamage(error))) throw error;
        first ??= error;
        damaged.push(error.message);
      }
    }
    if (first) throw first;
    return undefined;
  }

  /** Returns the names of all checkpoints, newest first. */
  async #names(): Promise<readonly string[]> {
    const found = (await entriesOf(join(this.#run.path, FOLDER))).flatMap((entry) => {
      const step = NAME.exec(entry)?.[1];
      return step === undefined ? [] : [{ step: Number(step), name: join(FOLDER, entry) }];
    });
    const names = found.toSorted((a, b) => b.step - a.step).map(({ name }) => name);
    const old = (await entriesOf(this.#run.path)).filter((entry) => entry === OLD_NAME);
    return [...names, ...old];
  }

  /** Removes all checkpoints except those in `#kept`. A file that cannot be removed does no harm. */
  async #prune(): Promise<void> {
    const kept = new Set(this.#kept);
    for (const name of await this.#names()) {
      if (kept.has(name)) continue;
      await rm(join(this.#run.path, name), { force: true }).catch(() => undefined);
    }
  }
}

/** Returns whether an error means a damaged file. An I/O error of the disk counts as damage, too. */
function isDamage({ code, cause }: DataError): boolean {
  return DAMAGE.has(code) || codeOf(cause) === 'EIO';
}

async function entriesOf(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw new DataError('FILE_UNREADABLE', `${path}: cannot be listed`, { cause });
  }
}
