// Which @isonet/core a user's file builds its layers with: it may be another one than that of the command line.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const CORE = '@isonet/core';

/**
 * `; its isonet is 0.2.0, that of the command line 0.3.0: ...`, or nothing where both are of the same version or one is not known.
 * @param path of the file, absolute
 */
export async function versionHint(path: string): Promise<string> {
  const [theirs, ours] = await Promise.all([
    coreVersion(pathToFileURL(path).href),
    coreVersion(import.meta.url),
  ]);
  if (theirs === undefined || ours === undefined || theirs === ours) return '';
  return `; its isonet is ${theirs}, that of the command line ${ours}: install isonet and @isonet/cli in the same version`;
}

/** Of the core that a module imports, directly or through isonet; undefined where it imports none. */
async function coreVersion(from: string): Promise<string | undefined> {
  const { resolve } = await import('import-meta-resolve');
  const found = (name: string, parent: string): string | undefined => {
    try {
      return resolve(name, parent);
    } catch {
      return undefined;
    }
  };
  const face = found('isonet', from);
  const entry = (face === undefined ? undefined : found(CORE, face)) ?? found(CORE, from);
  return entry === undefined ? undefined : manifestVersion(fileURLToPath(entry));
}

/** The version in the nearest package.json of that package. */
async function manifestVersion(file: string): Promise<string | undefined> {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const { name, version } = parsed(text);
    if (name === CORE) return typeof version === 'string' ? version : undefined;
  }
  return undefined;
}

/** A damaged one, on the way up, is not the core's: the hint must not hide the error that it explains. */
function parsed(manifest: string): { readonly name?: unknown; readonly version?: unknown } {
  try {
    return Object(JSON.parse(manifest)) as { readonly name?: unknown; readonly version?: unknown };
  } catch {
    return {};
  }
}
