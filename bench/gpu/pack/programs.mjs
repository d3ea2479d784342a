// Runs the programs that a pack is made with: tar, xz, strip, apt-get and the like.
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { accessSync, constants, renameSync } from 'node:fs';

/** The Debian packages that bring them. */
const packages = new Map([
  ['tar', 'tar'],
  ['xz', 'xz-utils'],
  ['strip', 'binutils'],
  ['readelf', 'binutils'],
  ['as', 'binutils'],
  ['ld', 'binutils'],
  ['dpkg-deb', 'dpkg'],
  ['zstd', 'zstd'],
  ['python3', 'python3'],
]);

/**
 * @param {string} name
 * @returns {string | undefined} The path of the program.
 */
export function findProgram(name) {
  const { PATH = '' } = process.env;
  const candidates = PATH.split(delimiter).map((folder) => join(folder, name));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @param {string} name */
export function isInstalled(name) {
  return findProgram(name) !== undefined;
}

/**
 * @param {readonly string[]} names
 * @throws {Error} Naming all that are missing, and how to install them.
 */
export function needPrograms(names) {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const install = [...new Set(missing.map((name) => packages.get(name) ?? name))].join(' ');
  throw new Error(`missing: ${missing.join(', ')}; apt-get install ${install}`);
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string }} [options]
 * @returns {string} What it printed.
 * @throws {Error} With the command and what it said, when it fails.
 */
export function runProgram(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    ...options,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status === 0) return stdout;
  const said = (error?.message ?? stderr).trim().split('\n').slice(-3).join('; ');
  throw new Error(`${program} ${args.slice(0, 3).join(' ')} fails: ${said}`);
}

/**
 * Removes the symbols of a binary. The file may be a link of another's to the same bytes, so it is replaced, never changed.
 * @param {string} file
 */
export function strip(file) {
  runProgram('strip', ['-o', `${file}.stripped`, file]);
  renameSync(`${file}.stripped`, file);
}
