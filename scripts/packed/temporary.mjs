// Provides a temporary folder. At the end, after a failure, and when the process is interrupted, removes the folder and
// kills every command that was started for it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect, start } from '../workspace.mjs';

const windows = process.platform === 'win32';
const maxSeconds = 300;

/** @type {Set<ReturnType<typeof start>>} */
const running = new Set();

/**
 * Runs `work` with the path of an empty folder. SIGINT and SIGTERM end the process after everything is cleaned up.
 * @template T
 * @param {(folder: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'isonet-packed-'));
  const cleanUp = () => {
    running.forEach(kill);
    // Windows keeps the files of a process locked for a short time after it has ended.
    rmSync(folder, { recursive: true, force: true, maxRetries: windows ? 10 : 0 });
  };
  const interrupted = (/** @type {NodeJS.Signals} */ signal) => {
    cleanUp();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  try {
    return await work(folder);
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    cleanUp();
  }
}

/**
 * Runs a command. If it takes more than {@link maxSeconds} seconds, kills it and all its child processes.
 * @param {readonly [program: string, ...args: string[]]} command
 * @param {{ cwd?: string, env?: Readonly<Record<string, string | undefined>> }} [options] `env` changes the environment; undefined
 *   removes a variable.
 * @returns {Promise<import('../workspace.mjs').Ran>} After a failure, `output` starts with the command.
 */
export async function runGroup(command, options = {}) {
  const [program, ...args] = command;
  const child = start(program, args, { ...options, detached: !windows }); // a separate process group
  running.add(child);
  let late = '';
  const timer = setTimeout(() => {
    late = `\nstopped after ${maxSeconds} s`;
    kill(child);
  }, maxSeconds * 1000);
  try {
    const { code, output, stdout } = await collect(child);
    return { code, output: code === 0 ? output : `$ ${command.join(' ')}\n${output}${late}`, stdout };
  } finally {
    clearTimeout(timer);
    running.delete(child);
  }
}

/** @param {import('node:child_process').ChildProcess} child */
function kill({ pid }) {
  if (pid === undefined) return;
  if (windows) {
    spawnSync('taskkill', ['/pid', String(pid), '/t', '/f']); // /t: including child processes
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
