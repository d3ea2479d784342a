// Rivals in Python: which interpreter has the library.
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@isonet/core';
import { userCache } from '@isonet/native';
import { Leftovers } from '../candidates/leftovers.ts';
import type { Located } from './rival.ts';

/** A library of Python, and the file here that runs it. */
export interface PythonLibrary {
  /** `torch`: of the rival, and of what Python imports. */
  readonly name: string;
  readonly script: string;
  /** Names an interpreter to be used in the place of all others. */
  readonly variable: string;
  /** What to give to pip. */
  readonly packages: string;
  /** A Python that the packages are made for, and all that are. */
  readonly python: string;
  readonly versions: string;
}

/** An import takes seconds, and a minute from a cold disk. */
const TIME_LIMIT = 120_000;
const windows = process.platform === 'win32';

/** The command that starts the rival: by the interpreter that the variable names, else that of the cache, else python3. */
export async function locatePython(library: PythonLibrary): Promise<Located> {
  const { name, variable, script, versions } = library;
  // Empty is unset, as in a shell.
  const named = process.env[variable] === '' ? undefined : process.env[variable];
  const python = named ?? (await installedIn(folderOf(name)));
  const interpreter = python ?? (windows ? 'python' : 'python3');
  const problem = await problemOf(interpreter, name);
  if (problem === undefined) {
    // From source or from dist alike. -B: no __pycache__ in a folder of packages.
    const file = fileURLToPath(new URL(`../../src/rivals/${script}`, import.meta.url));
    return { command: [interpreter, '-B', file] };
  }
  const place = named === undefined ? interpreter : `${variable}=${interpreter}`;
  const reason = `${place}: ${problem}`;
  if (named !== undefined)
    return { reason, fix: `let ${variable} name a Python (${versions}) that has ${name}, or unset it` };
  return {
    reason,
    fix: python === undefined ? install(library) : `remove ${folderOf(name)}; ${install(library)}`,
  };
}

/** Undefined for a user without a cache folder, as in a container that runs under any number. */
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
  if (folder === undefined) return `let ${variable} name a Python (${versions}) that has ${packages}`;
  const pip = windows ? String.raw`${folder}\Scripts\pip` : `${folder}/bin/pip`;
  const make = windows ? `py -${python.replace('python', '')}` : python;
  return `with Python ${versions}: ${make} -m venv ${folder} && ${pip} install ${packages}`;
}

const asked = new Map<string, Promise<string | undefined>>();

/** Why the interpreter cannot import the library; undefined where it can. Asked once. */
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
  // An import takes seconds; where this process ends first, it ends too.
  const leftovers = new Leftovers();
  return new Promise<string | undefined>((resolve) => {
    const child = execFile(interpreter, ['-c', `import numpy, ${library}`], options, (error, _, stderr) => {
      if (!error) resolve(undefined);
      else if (error.code === 'ENOENT') resolve('there is no such program');
      else if (error.killed === true) resolve(`importing ${library} took more than ${TIME_LIMIT / 1000} s`);
      else resolve(`cannot import ${library}: ${lastLine(stderr) || error.message.split('\n', 1).join()}`);
    });
    leftovers.add(() => child.kill('SIGKILL'));
  })
    .catch((error: unknown) => `does not start: ${messageOf(error)}`)
    .finally(() => leftovers[Symbol.dispose]());
}

/** Python ends a traceback with what went wrong. */
function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim().slice(0, 200) ?? '';
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
