// Loads an addon, and turns the system's load errors into one-line messages with a fix.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findAddon } from './find.ts';
import type { NativeLibrary, System } from './library.ts';
import { NativeError } from './library.ts';
import { loadedCopies, thisSystem } from './system.ts';

/**
 * Finds and loads the library's addon.
 * @param from the URL of the calling file, `import.meta.url` (undefined in a CommonJS bundle); packages are resolved
 *   from there
 * @returns the addon's exports
 * @throws NativeError with the reason and the fix, if the addon is missing or the system cannot load it
 */
export function loadAddon(library: NativeLibrary, from: string | undefined): unknown {
  const system = thisSystem();
  return loadFile(library, findAddon(library, from, system), system);
}

/**
 * Loads the library's addon from a folder in which it has the same name as in the platform packages.
 * @returns the addon's exports
 * @throws NativeError with the reason and the fix, if the system cannot load it
 */
export function loadAddonIn(library: NativeLibrary, folder: string): unknown {
  return loadFile(library, join(folder, library.addon), thisSystem());
}

/**
 * Returns the path of the addon that {@link loadAddon} would load.
 * @throws NativeError if there is no build for the system, or it is not installed
 */
export function locateAddon(library: NativeLibrary, from: string | undefined): string {
  return findAddon(library, from, thisSystem());
}

function loadFile(library: NativeLibrary, path: string, system: System): unknown {
  const file = library.shared?.[system.platform];
  if (file !== undefined) rejectOtherCopy(library, join(dirname(path), file), loadedCopies(file));
  try {
    return createRequire(path)(path);
  } catch (error) {
    throw loadError(library, path, error, system);
  }
}

/**
 * Throws if the process has loaded a different copy of the shared library. The system's loader identifies a library by its
 * file name, so the addon would link to the copy that is already loaded; with another version it would crash or compute
 * different results.
 * @param own the path of the library's own copy
 * @param loaded the paths of the copies in this process
 */
export function rejectOtherCopy(library: NativeLibrary, own: string, loaded: readonly string[]): void {
  const other = loaded.find((path) => !isSame(path, own));
  if (other !== undefined) throw otherCopyError(library, other);
}

function otherCopyError(
  { title, version, original }: NativeLibrary,
  other: string,
  options?: ErrorOptions,
): NativeError {
  return new NativeError(
    'OTHER_COPY',
    `another ${title} is already loaded in this process, from ${other}, and a process can have only one`,
    `install ${original.name}@${version} for both (npm's "overrides"), remove the other copy from LD_LIBRARY_PATH, or open the backend in a separate process`,
    options,
  );
}

function isSame(path: string, own: string): boolean {
  if (!existsSync(path) || !existsSync(own)) return false; // deleted or replaced since it was loaded
  if (realpathSync(path) === realpathSync(own)) return true;
  return statSync(path).size === statSync(own).size && digest(path) === digest(own);
}

function digest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Explains the error with which the system refused to load an addon. */
export function loadError(library: NativeLibrary, path: string, error: unknown, system: System): NativeError {
  const { title, version, packages } = library;
  const { platform, architecture } = system;
  const message = error instanceof Error ? error.message : String(error);
  const [line = ''] = message.trim().split(/\r?\n/, 1);
  const options = { cause: error };
  // "The specified module could not be found" for a file that exists means that one of its dependencies is missing. Windows
  // reports it in the user's language, so the text is not compared.
  if (platform === 'win32' && existsSync(path)) {
    return new NativeError(
      'VC_RUNTIME',
      `${title} ${version} cannot be loaded from ${path} (${line}), most likely because Microsoft's Visual C++ runtime is missing`,
      `run winget install Microsoft.VCRedist.2015+.${architecture}`,
      options,
    );
  }
  // The loader found a library of the same name elsewhere, for example through LD_LIBRARY_PATH.
  const other = /^(\S+): version `(?!GLIBC|CXXABI)\S+' not found/.exec(line)?.[1];
  if (other !== undefined) return otherCopyError(library, other, options);
  if (/(?:GLIBC(?:XX)?|CXXABI)_[\d.]+' not found/.test(line)) {
    return new NativeError(
      'SYSTEM_LIBRARY',
      `${title} ${version} needs a newer glibc or libstdc++ than this system has (${line})`,
      'use a newer Linux, such as Debian 12 or Ubuntu 22.04',
      options,
    );
  }
  const missing = /(lib(?:stdc\+\+|gcc_s)\S*): cannot open shared object file/.exec(line)?.[1];
  if (missing !== undefined) {
    return new NativeError(
      'SYSTEM_LIBRARY',
      `${title} ${version} needs ${missing}, which is not installed`,
      'install it (Debian, Ubuntu: apt-get install libstdc++6; Fedora: dnf install libstdc++)',
      options,
    );
  }
  const name = packages[`${platform}-${architecture}`];
  return new NativeError(
    'LOAD',
    `${title} ${version} cannot be loaded from ${path} (${line})`,
    name === undefined ? 'install it again' : `install it again: npm install ${name}@${version}`,
    options,
  );
}
