// The installation: into a temporary folder, which gets its name once TensorFlow has answered from it.
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeOf, messageOf } from '@isonet/core';
import { makePartial, removePartials } from '@isonet/native';
import { FOLDER } from '../providers/places.ts';
import { build } from './build.ts';
import type { Checked } from './check.ts';
import { InstallError, run } from './command.ts';
import type { Form } from './forms.ts';
import { TFJS } from './forms.ts';
import { checkPrograms, checkRoom, checkSystem } from './needs.ts';

/** Says what a folder holds, and is written last. */
const MANIFEST = 'isonet.json';

export interface Installation {
  readonly form: Form;
  /** An absolute path. */
  readonly folder: string;
  /** The Python to start, by its name or path. */
  readonly python: string;
  /** Says what is being done. */
  readonly say: (step: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes the folder, unless it is there.
 * @returns what TensorFlow says of itself once it has convolved
 * @throws InstallError in one line; what was built up to then is removed
 */
export async function install(installation: Installation): Promise<string> {
  const { form, folder, python, say, signal } = installation;
  checkSystem();
  if (await isMade(folder, form)) {
    say(`${folder} is there already; check it`);
    return checkExisting(folder, form, signal);
  }
  await checkPrograms(python, signal);
  await checkRoom(folder, form);
  const temporary = await partialOf(folder, say);
  try {
    await build({ folder: temporary, form, python, say, signal });
    say('check it');
    const text = await check(temporary, form, signal);
    await writeFile(join(temporary, MANIFEST), `${JSON.stringify(manifestOf(form))}\n`);
    await chmod(temporary, 0o755); // it was made for one user
    await place(temporary, folder, form);
    return text;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function manifestOf(form: Form): Readonly<Record<string, string>> {
  return { wheel: form.wheel.name, tensorflow: form.wheel.version, package: form.package, version: TFJS };
}

/** @returns whether it is there; false where there is nothing @throws InstallError for a folder that holds anything else */
async function isMade(folder: string, form: Form): Promise<boolean> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new InstallError(`${folder} cannot be used: ${error.code}; name another folder with --folder`, {
      cause: error,
    });
  });
  if (entries.length === 0) return false;
  const manifest = await readFile(join(folder, MANIFEST), 'utf8').catch(() => '');
  if (manifest.trim() === JSON.stringify(manifestOf(form))) return true;
  throw new InstallError(
    `${folder} holds something other than TensorFlow ${form.wheel.version} of ${form.wheel.name}; name another folder with --folder`,
  );
}

async function checkExisting(folder: string, form: Form, signal: AbortSignal): Promise<string> {
  try {
    return await check(folder, form, signal);
  } catch (cause) {
    if (!(cause instanceof InstallError)) throw cause;
    throw new InstallError(`${cause.message}; remove ${folder} and run this again`, { cause });
  }
}

/** @returns what TensorFlow says of itself @throws InstallError when it does not load, or convolves wrongly */
async function check(folder: string, { flag }: Form, signal: AbortSignal): Promise<string> {
  const program = fileURLToPath(new URL(`check${extname(import.meta.url)}`, import.meta.url));
  const args = [...process.execArgv, program, ...(flag === '' ? [] : ['cuda'])];
  const env = { ...process.env, [FOLDER]: folder };
  const output = await run('checking TensorFlow', { program: process.execPath, args, env, signal });
  const result = checkedIn(output);
  if ('error' in result) throw new InstallError(`checking TensorFlow failed: ${result.error}`);
  return result.text;
}

/** @throws InstallError when the check ended without its line */
function checkedIn(output: string): Checked {
  const line = output.trim().split('\n').at(-1);
  try {
    return JSON.parse(String(line)) as Checked;
  } catch (cause) {
    const got = line === '' ? 'nothing' : line;
    throw new InstallError(`checking TensorFlow failed: expected a line of JSON, got ${got}`, { cause });
  }
}

/** @throws InstallError where the user may not write */
async function partialOf(folder: string, say: (step: string) => void): Promise<string> {
  try {
    await mkdir(dirname(folder), { recursive: true });
    await removePartials(folder, say);
    return await makePartial(folder);
  } catch (cause) {
    if (codeOf(cause) === undefined) throw cause;
    throw new InstallError(
      `cannot write ${folder}: ${messageOf(cause)}; name a folder that you may write with --folder`,
      { cause },
    );
  }
}

/** Gives the folder its name; another process that came first has built the same. */
async function place(temporary: string, folder: string, form: Form): Promise<void> {
  try {
    await rename(temporary, folder);
  } catch (error) {
    if (!existsSync(folder) || !(await isMade(folder, form))) throw error;
  }
}
