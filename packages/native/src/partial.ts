// Creates partial folders next to their final location, and removes leftover ones. The name of such a folder contains
// the id of the process that builds it, so that a later process can recognize the leftovers of a killed one.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Creates an empty folder next to `folder`, whose parent must exist. @returns its path */
export function makePartial(folder: string): Promise<string> {
  return mkdtemp(`${folder}.partial-${process.pid}-`);
}

/**
 * Removes the folders of {@link makePartial} whose processes no longer run.
 * @param log receives a line about each removed folder
 */
export async function removePartials(folder: string, log: (line: string) => void): Promise<void> {
  const prefix = `${basename(folder)}.partial-`;
  for (const name of await readdir(dirname(folder))) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)-\w+$/.exec(name.slice(prefix.length))?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    log(`removing ${name}, left over from a killed process`);
    await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM means that the process runs as another user.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
