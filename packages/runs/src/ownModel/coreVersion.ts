// Finds the version of @isonet/core that a user's file imports, which may differ from that of the command line.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const CORE = '@isonet/core';

/**
 * Returns a hint for errors: `; it uses isonet 0.2.0, but the command line uses 0.3.0: ...`. Empty if both versions are the
 * same or one is unknown.
 * @param path the absolute path of the file
 */
export async function versionHint(path: string): Promise<string> {
  const [theirs, ours] = await Promise.all([
    coreVersion(pathToFileURL(path).href),
    coreVersion(import.meta.url),
  ]);
  if (theirs === undefined || ours === undefined || theirs === ours) return '';
  return `; it uses isonet ${theirs}, but the command line uses ${ours}: install isonet and @isonet/cli in the same version`;
}

/** Returns the version of the core that a module imports, directly or through isonet; undefined if it imports none. */
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

/** Returns the version in the nearest package.json of the core. */
async function manifestVersion(file: string): Promise<string | undefined> {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const { name, version } = parsed(text);
    if (name === CORE) return typeof version === 'string' ? version : undefined;
  }
  return undefined;
}

/** Parses a package.json. A damaged one on the way up is ignored, because the hint must not hide the original error. */
function parsed(manifest: string): { readonly name?: unknown; readonly version?: unknown } {
  try {
    return Object(JSON.parse(manifest)) as { readonly name?: unknown; readonly version?: unknown };
  } catch {
    return {};
  }
}
