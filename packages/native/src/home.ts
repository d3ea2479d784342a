// The user's home and cache folders, which not every user has: a container may run under any number, with HOME unset.
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

/**
 * Where programs keep what they can make again: `$XDG_CACHE_HOME`, or `.cache` in the home folder. Undefined where there is
 * neither. https://specifications.freedesktop.org/basedir-spec: a relative path is to be ignored.
 */
export function userCache(): string | undefined {
  const cache = process.env['XDG_CACHE_HOME'];
  return cache !== undefined && isAbsolute(cache) ? cache : inHome('.cache');
}
