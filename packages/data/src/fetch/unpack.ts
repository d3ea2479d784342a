// Extracts files from a .tar.gz whose checksum has been verified. Each file gets its final name once it is complete.
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { DataError, messageOf } from '@isonet/core';
import { written } from './errors.ts';
import type { Member } from './published.ts';
import { readTar, type TarSink } from './tar.ts';

/** Returns whether a folder has all files of an archive, compared by their sizes where those are known. */
export async function isUnpacked(folder: string, members: readonly Member[]): Promise<boolean> {
  for (const { name, bytes, isExact } of members) {
    if (isExact && (await sizeOf(join(folder, name))) !== bytes) return false;
  }
  return true;
}

/**
 * Unpacks `members` into `folder`, and keeps existing files of the right size.
 * @param inner the folder in the archive that contains them
 * @throws DataError `FETCH_WRITE`; `FETCH_EXISTS` if a file of a different size exists; `TAR` if the archive is damaged
 *   or lacks a file; the reason of the signal if it is aborted
 */
export async function unpack(
  archive: string,
  folder: string,
  { folder: inner, members }: { readonly folder: string; readonly members: readonly Member[] },
  signal: AbortSignal | undefined,
): Promise<void> {
  const wanted = new Map(members.map((member) => [`${inner}/${member.name}`, member]));
  const found = new Set<string>();
  let writer: Writer | undefined;
  const finish = async (): Promise<void> => {
    await writer?.finish();
    writer = undefined;
  };
  const source = createReadStream(archive);
  const inflated = source.pipe(createGunzip());
  source.on('error', (error) => inflated.destroy(error));
  try {
    await readTar(inflated, archive, async ({ name, bytes }): Promise<TarSink | undefined> => {
      signal?.throwIfAborted();
      await finish();
      const member = wanted.get(name.replace(/^\.\//, ''));
      if (member === undefined || found.has(member.name)) return undefined;
      if (member.isExact ? bytes !== member.bytes : bytes > member.bytes) {
        throw damaged(archive, `${name}: expected ${member.bytes} bytes, got ${bytes}`);
      }
      found.add(member.name);
      const opened = await Writer.open(join(folder, member.name), bytes);
      writer = opened;
      return opened && ((part) => opened.write(part));
    });
    await finish();
  } catch (cause) {
    if (cause instanceof DataError || signal?.aborted) throw cause;
    throw damaged(archive, messageOf(cause), cause);
  } finally {
    await writer?.abandon();
    source.destroy();
  }
  const missing = members.filter(({ name, isExact }) => isExact && !found.has(name));
  if (missing.length > 0) {
    throw damaged(archive, `it lacks ${missing.map(({ name }) => `${inner}/${name}`).join(', ')}`);
  }
}

function damaged(archive: string, problem: string, cause?: unknown): DataError {
  return new DataError('TAR', `archive "${archive}": ${problem}; remove it and run this again`, { cause });
}

/** Writes a file under a temporary name. */
class Writer {
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Opens a file for writing. @returns undefined if it already exists with the right size */
  static async open(path: string, bytes: number): Promise<Writer | undefined> {
    const there = await sizeOf(path);
    if (there === bytes) return undefined;
    if (there !== undefined) {
      throw new DataError(
        'FETCH_EXISTS',
        `"${path}" already exists with ${there} bytes instead of ${bytes}: move it away, or choose another folder: --to FOLDER`,
      );
    }
    return new Writer(path, await written(path, () => open(temporary(path), 'w')));
  }

  async write(part: Uint8Array): Promise<void> {
    await written(this.#path, () => this.#file.writeFile(part));
  }

  async finish(): Promise<void> {
    await written(this.#path, async () => {
      await this.#file.sync();
      await this.#file.close();
      await rename(temporary(this.#path), this.#path);
    });
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(temporary(this.#path), { force: true }).catch(() => undefined);
  }
}

const temporary = (path: string): string => `${path}.unpacking`;

/** Returns the size of a file; undefined if it does not exist. */
async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}
