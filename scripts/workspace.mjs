// What the scripts of this folder share: where things are, which packages exist, how a command is run quietly.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The folders of all packages of the workspace, as pnpm-workspace.yaml has them: packages/NAME, and platforms/LIBRARY/PLATFORM
 * for native libraries.
 * @returns {string[]} Paths from the root of the repository.
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

/** @param {string} file Path of a package.json. */
export function readManifest(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The scripts of a dependency that a package manager would run. */
export const installScripts = ['preinstall', 'install', 'postinstall'];

/**
 * Arguments for `npx` that put the pinned pnpm on the path: turbo calls pnpm by name, and none is installed globally.
 * @param {string[]} command
 */
export function withPnpm(...command) {
  const { version } = readManifest(join(root, 'package.json')).devEngines.packageManager;
  return ['--yes', `--package=pnpm@${version}`, '--', ...command];
}

/** @typedef {{ code: number, output: string }} Result Of a step: 0 where it passed, and what to print where it did not. */
/** @typedef {Result & { stdout: string }} Ran Of a command: `output` is all that it printed, `stdout` one stream of it. */

/**
 * Runs a command in the root of the repository, without a terminal, and collects what it prints.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [env] Added to the environment.
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
 *   environment: undefined removes a variable.
 */
export function start(command, args, { cwd = root, env = {}, detached = false }) {
  // On Windows npm, npx and what is in node_modules/.bin are .cmd files, which only a shell starts.
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
 * Waits for a command's end.
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

/** A word as cmd.exe takes it. @param {string} word */
function quoted(word) {
  return /^[\w@:./\\=-]+$/.test(word) ? word : `"${word}"`;
}

/**
 * Prints `name ... 1.2 s` around a step; on failure also what the step printed.
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
 * The result of a step that looks for a problem.
 * @param {string} problem Empty where there is none.
 * @returns {Result}
 */
export function failIf(problem) {
  return { code: problem === '' ? 0 : 1, output: problem };
}
