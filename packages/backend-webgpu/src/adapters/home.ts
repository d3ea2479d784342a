// The user's home folder, which not every user has: a container may run under any number, with HOME unset.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** A path in the home folder; undefined where there is none. */
export function inHome(path: string): string | undefined {
  try {
    const home = homedir();
    return isAbsolute(home) ? join(home, path) : undefined;
  } catch {
    return undefined;
  }
}
