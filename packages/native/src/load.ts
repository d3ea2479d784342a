// Loads an addon, and says in one line why the system refuses it.
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
 * @param from the file that asks, as `import.meta.url`, which is undefined in a bundle in CommonJS: packages are looked for
 *   from there
 * @returns what the addon exports
 * @throws NativeError with the reason and the fix, when it is not there or the system refuses it
 */
export function loadAddon(library: NativeLibrary, from: string | undefined): unknown {
  const system = thisSystem();
  return loadFile(library, findAddon(library, from, system), system);
}

/**
 * Loads the library's addon from a folder that holds it under the name that it has in the platforms' packages.
 * @returns what the addon exports
 * @throws NativeError with the reason and the fix, when the system refuses it
 */
export function loadAddonIn(library: NativeLibrary, folder: string): unknown {
  return loadFile(library, join(folder, library.addon), thisSystem());
}

/**
 * The path of the addon that {@link loadAddon} would load.
 * @throws NativeError when there is no build for the system, or it is not installed
 */
export function locateAddon(library: NativeLibrary, from: string | undefined): string {
  return findAddon(library, from, thisSystem());
}

function loadFile(library: NativeLibrary, path: string, system: System): unknown {
  const file = library.shared?.[system.platform];
  if (file !== undefined) refuseOtherCopy(library, join(dirname(path), file), loadedCopies(file));
  try {
    return createRequire(path)(path);
  } catch (error) {
    throw refusal(library, path, error, system);
  }
}

/**
 * The system's loader knows a library by its file name: an addon gets the copy that is there already. With another version
 * it would crash, or compute other numbers.
 * @param own the path of the library's own copy
 * @param loaded the paths of the copies in this process
 */
export function refuseOtherCopy(library: NativeLibrary, own: string, loaded: readonly string[]): void {
  const other = loaded.find((path) => !isSame(path, own));
  if (other !== undefined) throw otherCopy(library, other);
}

function otherCopy(
  { title, version, original }: NativeLibrary,
  other: string,
  options?: ErrorOptions,
): NativeError {
  return new NativeError(
    'OTHER_COPY',
    `another ${title} is loaded in this process already, from ${other}, and a process can have only one`,
    `install ${original.name}@${version} for both (npm's "overrides"), take it off LD_LIBRARY_PATH, or open the backend in a process of its own`,
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

/** The system's complaint about an addon, with what it usually means. */
export function refusal(library: NativeLibrary, path: string, error: unknown, system: System): NativeError {
  const { title, version, packages } = library;
  const { platform, architecture } = system;
  const message = error instanceof Error ? error.message : String(error);
  const [said = ''] = message.trim().split(/\r?\n/, 1);
  const options = { cause: error };
  // "The specified module could not be found", of a file that is there: one that it needs is not. Windows says it in the
  // user's language, so the text is not compared.
  if (platform === 'win32' && existsSync(path)) {
    return new NativeError(
      'VC_RUNTIME',
      `${title} ${version} cannot be loaded from ${path} (${said}), most likely for want of Microsoft's Visual C++ runtime`,
      `winget install Microsoft.VCRedist.2015+.${architecture}`,
      options,
    );
  }
  // The loader took a copy of that name from elsewhere, such as LD_LIBRARY_PATH.
  const other = /^(\S+): version `(?!GLIBC|CXXABI)\S+' not found/.exec(said)?.[1];
  if (other !== undefined) return otherCopy(library, other, options);
  if (/(?:GLIBC(?:XX)?|CXXABI)_[\d.]+' not found/.test(said)) {
    return new NativeError(
      'SYSTEM_LIBRARY',
      `${title} ${version} needs a newer glibc or libstdc++ than this system has (${said})`,
      'use a newer Linux, such as Debian 12 or Ubuntu 22.04',
      options,
    );
  }
  const missing = /(lib(?:stdc\+\+|gcc_s)\S*): cannot open shared object file/.exec(said)?.[1];
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
    `${title} ${version} cannot be loaded from ${path} (${said})`,
    name === undefined ? 'install it again' : `install it again: npm install ${name}@${version}`,
    options,
  );
}
