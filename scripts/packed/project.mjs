// A user's project: a folder with nothing but the program, which a package manager installs packages into.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { root } from '../workspace.mjs';

const program = join(root, 'scripts', 'packed', 'program');

/** @typedef {{ name: string, exported: string, env: Readonly<Record<string, string>> }} BackendPackage */

/** @type {(name: string, exported: string, env?: Readonly<Record<string, string>>) => BackendPackage} */
const backend = (name, exported, env = {}) => ({ name: `@isonet/backend-${name}`, exported, env });

// The switch: true once backend-onnx brings ONNX Runtime in packages of our own. Until then the reference stands in for it, and
// ONNX Runtime's install script, which downloads from another host, is told to do nothing.
const onnxInstallsPlainly = false;

const onnx = backend('onnx', 'onnx', onnxInstallsPlainly ? {} : { ONNXRUNTIME_NODE_INSTALL: 'skip' });
const reference = backend('reference', 'reference');

/** The backend that every manager installs and, second, the one that npm alone installs. */
export const [main, other] = onnxInstallsPlainly ? [onnx, reference] : [reference, onnx];
/** Whether what `onnx` promises, size and no scripts, is held to it. */
export const onnxIsHeldToItsPromises = onnxInstallsPlainly;
export const backends = {
  onnx,
  reference,
  webgpu: backend('webgpu', 'webgpu'),
  tfjs: backend('tfjs', 'tfjs'),
};

/**
 * What a user of the program has to install.
 * @param {BackendPackage} of
 */
export function packagesFor(of) {
  return ['isonet', of.name, '@isonet/onnx'];
}

/**
 * Makes a folder with the program, in TypeScript and as Node 20 runs it.
 * @param {string} folder
 * @param {BackendPackage} of The backend that the program uses.
 */
export function makeProject(folder, of) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(program, 'library.mts'), join(folder, 'library.mts'));
  const source = readFileSync(join(program, 'library.mts'), 'utf8');
  writeFileSync(join(folder, 'library.mjs'), transformSync(source, { loader: 'ts' }).code);
  const line = `export { ${of.exported} as backend } from '${of.name}';\n`;
  for (const file of ['backend.mts', 'backend.mjs']) writeFileSync(join(folder, file), line);
}

/**
 * Holds what the program printed to what it printed elsewhere: on one backend, the same to the last bit.
 * @returns {(of: BackendPackage, stdout: string) => string} What is wrong, or nothing.
 */
export function sameEverywhere() {
  /** @type {Map<string, string>} */
  const first = new Map();
  return (of, stdout) => {
    const line = stdout.trim().split('\n').at(-1) ?? '';
    const [before, after] = /** @type {number[]} */ (JSON.parse(line).losses);
    const expected = first.get(of.name) ?? line;
    first.set(of.name, expected);
    if (!(Number(after) < Number(before))) return `expected a loss that falls, got ${line}`;
    return line === expected ? '' : `expected what was printed at first,\n  ${expected}\ngot\n  ${line}`;
  };
}
