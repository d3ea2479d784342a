// Creates a user's project: a folder that contains only the program, and into which a package manager installs packages.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { root } from '../../workspace.mjs';

const program = join(root, 'scripts', 'packed', 'installs', 'program');

/** The packages that a user of the program has to install. */
export const installed = ['isonet', '@isonet/backend-onnx', '@isonet/onnx'];

/**
 * Creates a folder with the program, in TypeScript and in JavaScript for Node 20.
 * @param {string} folder
 */
export function makeProject(folder) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(program, 'library.mts'), join(folder, 'library.mts'));
  const source = readFileSync(join(program, 'library.mts'), 'utf8');
  writeFileSync(join(folder, 'library.mjs'), transformSync(source, { loader: 'ts' }).code);
}

/**
 * Returns a function that compares the program's output with its first output, which has to be the same to the last bit.
 * @returns {(stdout: string) => string} A function that returns the problem, or an empty string.
 */
export function sameEverywhere() {
  /** @type {string | undefined} */
  let expected;
  return (stdout) => {
    const line = stdout.trim().split('\n').at(-1) ?? '';
    const [before, after] = /** @type {number[]} */ (JSON.parse(line).losses);
    if (!(Number(after) < Number(before))) return `expected a decreasing loss, got ${line}`;
    expected ??= line;
    return line === expected ? '' : `expected the output of the first run,\n  ${expected}\ngot\n  ${line}`;
  };
}
