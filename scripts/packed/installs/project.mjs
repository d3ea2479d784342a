// A user's project: a folder with nothing but the program, which a package manager installs packages into.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { root } from '../../workspace.mjs';

const program = join(root, 'scripts', 'packed', 'installs', 'program');

/** What a user of the program has to install. */
export const installed = ['isonet', '@isonet/backend-onnx', '@isonet/onnx'];

/**
 * Makes a folder with the program, in TypeScript and as Node 20 runs it.
 * @param {string} folder
 */
export function makeProject(folder) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(program, 'library.mts'), join(folder, 'library.mts'));
  const source = readFileSync(join(program, 'library.mts'), 'utf8');
  writeFileSync(join(folder, 'library.mjs'), transformSync(source, { loader: 'ts' }).code);
}

/**
 * Holds what the program printed to what it printed elsewhere: the same to the last bit.
 * @returns {(stdout: string) => string} What is wrong, or nothing.
 */
export function sameEverywhere() {
  /** @type {string | undefined} */
  let expected;
  return (stdout) => {
    const line = stdout.trim().split('\n').at(-1) ?? '';
    const [before, after] = /** @type {number[]} */ (JSON.parse(line).losses);
    if (!(Number(after) < Number(before))) return `expected a loss that falls, got ${line}`;
    expected ??= line;
    return line === expected ? '' : `expected what was printed at first,\n  ${expected}\ngot\n  ${line}`;
  };
}
