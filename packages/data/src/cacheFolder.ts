// Where data sets are kept for every project of a user: isonet's folder in the cache.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * The folder of a data set in XDG_CACHE_HOME or ~/.cache; undefined for a user without a home, as in a container that runs under
 * any number.
 */
export function cacheFolderOf(name: string): string | undefined {
  const xdg = process.env['XDG_CACHE_HOME'];
  // The XDG base directory specification: a relative path is to be ignored.
  if (xdg && isAbsolute(xdg)) return join(xdg, 'isonet', name);
  try {
    const home = homedir();
    return isAbsolute(home) ? join(home, '.cache', 'isonet', name) : undefined;
  } catch {
    return undefined;
  }
}
