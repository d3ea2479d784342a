// Folders in the making: beside their place, under a name that tells which process makes them, so that what a killed one left can
// be removed by the next.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Makes an empty folder beside `folder`, whose parent exists. @returns its path */
export function makePartial(folder: string): Promise<string> {
  return mkdtemp(`${folder}.partial-${process.pid}-`);
}

/**
 * Removes what processes that no longer run have left of {@link makePartial}.
 * @param tell takes a line about each
 */
export async function removePartials(folder: string, tell: (line: string) => void): Promise<void> {
  const prefix = `${basename(folder)}.partial-`;
  for (const name of await readdir(dirname(folder))) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)-\w+$/.exec(name.slice(prefix.length))?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    tell(`removing ${name}, which a process that was killed has left`);
    await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs as another user.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
