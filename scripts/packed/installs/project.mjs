// A user's project: a folder with nothing but the program, which a package manager installs packages into.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { root } from '../../workspace.mjs';

const program = join(root, 'scripts', 'packed', 'installs', 'program');

/** @typedef {{ name: string, exported: string }} BackendPackage */

/** @type {(name: string) => BackendPackage} */
const backend = (name) => ({ name: `@isonet/backend-${name}`, exported: name });

export const backends = ['onnx', 'reference', 'webgpu', 'tfjs'].map(backend);

/** The backend that every manager installs. */
export const main = backend('onnx');

/** What a user of the program has to install. */
export const installed = ['isonet', main.name, '@isonet/onnx'];

/**
 * Makes a folder with the program, in TypeScript and as Node 20 runs it.
 * @param {string} folder
 */
export function makeProject(folder) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(program, 'library.mts'), join(folder, 'library.mts'));
  const source = readFileSync(join(program, 'library.mts'), 'utf8');
  writeFileSync(join(folder, 'library.mjs'), transformSync(source, { loader: 'ts' }).code);
  const line = `export { ${main.exported} as backend } from '${main.name}';\n`;
  for (const file of ['backend.mts', 'backend.mjs']) writeFileSync(join(folder, file), line);
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
