// Runs the programs that build a pack: tar, xz, strip, apt-get and others.
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { accessSync, constants, renameSync } from 'node:fs';

/** The Debian package of each program. */
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
 * Finds a program on the PATH.
 * @param {string} name
 * @returns {string | undefined} Its path.
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
 * Checks that programs are installed.
 * @param {readonly string[]} names
 * @throws {Error} If any is missing; the message lists them, and the command that installs them.
 */
export function needPrograms(names) {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const install = [...new Set(missing.map((name) => packages.get(name) ?? name))].join(' ');
  throw new Error(`missing: ${missing.join(', ')}; apt-get install ${install}`);
}

/**
 * Runs a program.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string }} [options]
 * @returns {string} Its output.
 * @throws {Error} If it fails, with the command and its error output.
 */
export function runProgram(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    ...options,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status === 0) return stdout;
  const reason = (error?.message ?? stderr).trim().split('\n').slice(-3).join('; ');
  throw new Error(`${program} ${args.slice(0, 3).join(' ')} failed: ${reason}`);
}

/**
 * Removes the symbols of a binary. Hard links may share its contents, so the file is replaced, never modified in place.
 * @param {string} file
 */
export function strip(file) {
  runProgram('strip', ['-o', `${file}.stripped`, file]);
  renameSync(`${file}.stripped`, file);
}
