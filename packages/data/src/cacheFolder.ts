// The cache folder of datasets, which all projects of a user share.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Returns the folder of a dataset in XDG_CACHE_HOME or ~/.cache; undefined for a user without a home folder, as in a
 * container that runs under an arbitrary user id.
 */
export function cacheFolderOf(name: string): string | undefined {
  const xdg = process.env['XDG_CACHE_HOME'];
  // The XDG base directory specification requires relative paths to be ignored.
  if (xdg && isAbsolute(xdg)) return join(xdg, 'isonet', name);
  try {
    const home = homedir();
    return isAbsolute(home) ? join(home, '.cache', 'isonet', name) : undefined;
  } catch {
    return undefined;
  }
}
