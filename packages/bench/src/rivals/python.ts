// Finds the interpreter of a rival in Python.
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@isonet/core';
import { userCache } from '@isonet/native';
import { Leftovers } from '../candidates/leftovers.ts';
import type { Located } from './rival.ts';

/** A Python library, and the script in this folder that runs it. */
export interface PythonLibrary {
  /** The name of the rival and of the Python module: `torch`. */
  readonly name: string;
  readonly script: string;
  /** The environment variable with the path of the interpreter to use. */
  readonly variable: string;
  /** The arguments of `pip install`. */
  readonly packages: string;
  /** A Python command that the packages support. */
  readonly python: string;
  /** All Python versions that the packages support. */
  readonly versions: string;
}

/** An import takes seconds, or a minute from a cold disk. */
const TIME_LIMIT = 120_000;
const windows = process.platform === 'win32';

/** Finds the command that starts the rival. Uses the interpreter in the variable, else the one in the cache, else python3. */
export async function locatePython(library: PythonLibrary): Promise<Located> {
  const { name, variable, script, versions } = library;
  // An empty variable counts as unset, as in a shell.
  const named = process.env[variable] === '' ? undefined : process.env[variable];
  const python = named ?? (await installedIn(folderOf(name)));
  const interpreter = python ?? (windows ? 'python' : 'python3');
  const problem = await problemOf(interpreter, name);
  if (problem === undefined) {
    // The path is valid from source and from dist. -B: write no __pycache__ into the package folder.
    const file = fileURLToPath(new URL(`../../src/rivals/${script}`, import.meta.url));
    return { command: [interpreter, '-B', file] };
  }
  const place = named === undefined ? interpreter : `${variable}=${interpreter}`;
  const reason = `${place}: ${problem}`;
  if (named !== undefined)
    return { reason, fix: `set ${variable} to a Python (${versions}) that has ${name}, or unset it` };
  return {
    reason,
    fix: python === undefined ? install(library) : `remove ${folderOf(name)}; ${install(library)}`,
  };
}

/** Returns the cache folder of a rival; undefined for a user without one, as in a container with an arbitrary user id. */
function folderOf(name: string): string | undefined {
  const cache = userCache();
  return cache === undefined ? undefined : join(cache, 'isonet', 'rivals', name);
}

async function installedIn(folder: string | undefined): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  const python = join(folder, windows ? 'Scripts/python.exe' : 'bin/python');
  return (await exists(python)) ? python : undefined;
}

function install({ name, variable, packages, python, versions }: PythonLibrary): string {
  const folder = folderOf(name);
  if (folder === undefined) return `set ${variable} to a Python (${versions}) that has ${packages}`;
  const pip = windows ? String.raw`${folder}\Scripts\pip` : `${folder}/bin/pip`;
  const make = windows ? `py -${python.replace('python', '')}` : python;
  return `with Python ${versions}: ${make} -m venv ${folder} && ${pip} install ${packages}`;
}

const asked = new Map<string, Promise<string | undefined>>();

/** Returns the reason why the interpreter cannot import the library; undefined if it can. Tries each combination once. */
function problemOf(interpreter: string, library: string): Promise<string | undefined> {
  const key = JSON.stringify([interpreter, library, process.env['PATH']]);
  const known = asked.get(key);
  if (known) return known;
  const answer = tryImport(interpreter, library);
  asked.set(key, answer);
  return answer;
}

function tryImport(interpreter: string, library: string): Promise<string | undefined> {
  const options = { timeout: TIME_LIMIT, killSignal: 'SIGKILL', maxBuffer: 2 ** 20 } as const;
  // The import may take seconds. If this process ends first, the import is killed.
  const leftovers = new Leftovers();
  return new Promise<string | undefined>((resolve) => {
    const child = execFile(interpreter, ['-c', `import numpy, ${library}`], options, (error, _, stderr) => {
      if (!error) resolve(undefined);
      else if (error.code === 'ENOENT') resolve('no such program');
      else if (error.killed === true) resolve(`importing ${library} took more than ${TIME_LIMIT / 1000} s`);
      else resolve(`cannot import ${library}: ${lastLine(stderr) || error.message.split('\n', 1).join()}`);
    });
    leftovers.add(() => child.kill('SIGKILL'));
  })
    .catch((error: unknown) => `did not start: ${messageOf(error)}`)
    .finally(() => leftovers[Symbol.dispose]());
}

/** Returns the last line of a Python traceback, which has the error. */
function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim().slice(0, 200) ?? '';
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
