// A temporary folder that is gone afterwards, along with every command that was started for it: at the end, after a failure, and
// when the process is interrupted.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../workspace.mjs';

const windows = process.platform === 'win32';
const maxSeconds = 300;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * Runs `work` with the path of an empty folder; SIGINT and SIGTERM end the process, but not before everything is cleaned up.
 * @template T
 * @param {(folder: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'isonet-packed-'));
  const cleanUp = () => {
    running.forEach(kill);
    // Windows keeps the files of a process locked until shortly after it has ended.
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
 * Runs a command in a process group of its own, so that what it starts ends with it, and collects what it prints.
 * @param {readonly [program: string, ...args: string[]]} command
 * @param {{ cwd?: string, env?: Readonly<Record<string, string | undefined>> }} [options] `env` changes the environment: undefined
 *   removes a variable.
 * @returns {Promise<{ code: number, output: string, stdout: string }>} `output` is all of it, `stdout` one stream of it.
 */
export function runGroup(command, { cwd = root, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const [program, ...args] = command;
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !windows,
      shell: windows, // npm is a .cmd there
    });
    running.add(child);
    let output = '';
    let stdout = '';
    child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
      output += chunk.toString();
      stdout += chunk.toString();
    });
    child.stderr.on('data', (/** @type {Buffer} */ chunk) => (output += chunk.toString()));
    const timer = setTimeout(() => {
      output += `\nstopped after ${maxSeconds} s`;
      kill(child);
    }, maxSeconds * 1000);
    const end = () => {
      clearTimeout(timer);
      running.delete(child);
    };
    child.on('error', (error) => {
      end();
      reject(error);
    });
    child.on('close', (code) => {
      end();
      const shown = code === 0 ? output : `$ ${command.join(' ')}\n${output}`;
      resolve({ code: code ?? 1, output: shown, stdout });
    });
  });
}

/** @param {import('node:child_process').ChildProcess} child */
function kill(child) {
  if (child.pid === undefined) return;
  try {
    process.kill(windows ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
