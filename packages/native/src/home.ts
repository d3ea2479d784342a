// The user's home and cache folders. Not every user has them: a container may run under an arbitrary user id, with HOME unset.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Returns a path in the home folder, or undefined if the user has no home folder. */
export function inHome(path: string): string | undefined {
  try {
    const home = homedir();
    return isAbsolute(home) ? join(home, path) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns the folder for files that programs can rebuild: `$XDG_CACHE_HOME`, or `.cache` in the home folder; undefined if
 * there is neither. A relative path is ignored, as https://specifications.freedesktop.org/basedir-spec requires.
 */
export function userCache(): string | undefined {
  const cache = process.env['XDG_CACHE_HOME'];
  return cache !== undefined && isAbsolute(cache) ? cache : inHome('.cache');
}
