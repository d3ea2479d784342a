// Shared helpers of the scripts: paths, the packages of the workspace, and running commands quietly.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Lists the folders of all packages of the workspace, as in pnpm-workspace.yaml: packages/NAME, and platforms/LIBRARY/PLATFORM for
 * native libraries.
 * @returns {string[]} Paths relative to the root of the repository.
 */
export function packageFolders() {
  const folders = [...foldersIn('packages'), ...foldersIn('platforms').flatMap(foldersIn)];
  return folders.filter((folder) => existsSync(join(root, folder, 'package.json')));
}

/** @param {string} folder */
function foldersIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));
}

/** @param {string} file The path of a package.json. */
export function readManifest(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The scripts of a dependency that a package manager would run. */
export const installScripts = ['preinstall', 'install', 'postinstall'];

/**
 * Returns arguments for `npx` that put the pinned pnpm on the path: turbo calls pnpm by name, and none is installed globally.
 * @param {string[]} command
 */
export function withPnpm(...command) {
  const { version } = readManifest(join(root, 'package.json')).devEngines.packageManager;
  return ['--yes', `--package=pnpm@${version}`, '--', ...command];
}

/** @typedef {{ code: number, output: string }} Result The result of a step: code 0 if it passed, and the text to print if it failed. */
/**
 * @typedef {Result & { stdout: string }} Ran The result of a command: `output` is everything it printed, `stdout` only
 *   that stream.
 */

/**
 * Runs a command in the root of the repository, without a terminal, and collects its output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [env] Additional environment variables.
 * @returns {Promise<Ran>}
 */
export function run(command, args, env = {}) {
  return collect(start(command, args, { env }));
}

/**
 * Starts a command without a terminal.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Readonly<Record<string, string | undefined>>, detached?: boolean }} options `env` changes the
 *   environment; undefined removes a variable.
 */
export function start(command, args, { cwd = root, env = {}, detached = false }) {
  // On Windows, npm, npx and the programs in node_modules/.bin are .cmd files, which only a shell can start.
  const shell = process.platform === 'win32';
  const line = [command, ...args].map(quoted).join(' ');
  return spawn(shell ? line : command, shell ? [] : args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached,
    shell,
  });
}

/**
 * Waits for the end of a command and collects its output.
 * @param {ReturnType<typeof start>} child
 * @returns {Promise<Ran>}
 */
export function collect(child) {
  return new Promise((resolve, reject) => {
    let output = '';
    let stdout = '';
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
      output += chunk.toString();
      stdout += chunk.toString();
    });
    child.stderr.on('data', (/** @type {Buffer} */ chunk) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output, stdout }));
  });
}

/** Quotes a word for cmd.exe. @param {string} word */
function quoted(word) {
  return /^[\w@:./\\=-]+$/.test(word) ? word : `"${word}"`;
}

/**
 * Runs a step and prints `name ... 1.2 s`, and the step's output if it fails.
 * @param {string} name
 * @param {() => Promise<Result>} work
 * @returns {Promise<boolean>} Whether the step passed.
 */
export async function step(name, work) {
  const started = performance.now();
  process.stdout.write(`${name} ... `);
  const { code, output } = await work();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(code === 0 ? `${seconds} s\n` : `failed after ${seconds} s\n${output.trimEnd()}\n`);
  return code === 0;
}

/**
 * Returns the result of a step that looks for a problem.
 * @param {string} problem Empty if there is none.
 * @returns {Result}
 */
export function failIf(problem) {
  return { code: problem === '' ? 0 : 1, output: problem };
}
