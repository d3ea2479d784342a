// Slows down the writing of files, as a full or remote disk would, so that a kill can be aimed at it.
import type { FileHandle } from 'node:fs/promises';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout } from 'node:timers/promises';

/**
 * Makes this process write temporary files in two halves, with a pause between them and another before the flush.
 * @param milliseconds the length of each pause
 * @param isSlow called with the path of each such file when half of it is written; returns true to pause
 */
export function slowWrites(milliseconds: number, isSlow: (path: string) => boolean): void {
  const open = files.open.bind(files);
  const slowed = async (...args: Parameters<typeof open>): Promise<FileHandle> => {
    const file = await open(...args);
    const path = String(args[0]);
    return path.endsWith('.tmp') ? slow(file, path) : file;
  };
  const slow = (file: FileHandle, path: string): FileHandle => {
    const [write, flush] = [file.writeFile.bind(file), file.sync.bind(file)];
    let paused = false;
    const writeFile = async (data: Uint8Array | string): Promise<void> => {
      const bytes = Buffer.from(data);
      const half = Math.floor(bytes.length / 2);
      await write(bytes.subarray(0, half));
      paused = isSlow(path);
      if (paused) await setTimeout(milliseconds);
      await write(bytes.subarray(half));
    };
    const sync = async (): Promise<void> => {
      if (paused) await setTimeout(milliseconds);
      await flush();
    };
    return Object.assign(file, { writeFile, sync });
  };
  Object.assign(files, { open: slowed });
  // Also replaces the functions that other modules have already imported by name.
  syncBuiltinESMExports();
}
