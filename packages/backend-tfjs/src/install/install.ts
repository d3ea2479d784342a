// Installs TensorFlow into a temporary folder and checks it there. If it passes, the folder is renamed to its final
// name.
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
import { checkPrograms, checkSpace, checkSystem } from './needs.ts';

/** Describes the contents of a folder. It is written last, so its presence marks a complete installation. */
const MANIFEST = 'isonet.json';

export interface Installation {
  readonly form: Form;
  /** The absolute path of the folder to install into. */
  readonly folder: string;
  /** The name or path of the Python program to run. */
  readonly python: string;
  /** Reports the current step. */
  readonly say: (step: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Installs TensorFlow into the folder, unless it is already there, and checks it.
 * @returns TensorFlow's description of itself, after a successful check
 * @throws InstallError with a one-line reason; a partial installation is removed
 */
export async function install(installation: Installation): Promise<string> {
  const { form, folder, python, say, signal } = installation;
  checkSystem();
  if (await isInstalled(folder, form)) {
    say(`${folder} already exists; check it`);
    return checkExisting(folder, form, signal);
  }
  await checkPrograms(python, signal);
  await checkSpace(folder, form);
  const temporary = await partialOf(folder, say);
  try {
    await build({ folder: temporary, form, python, say, signal });
    say('check it');
    const text = await check(temporary, form, signal);
    await writeFile(join(temporary, MANIFEST), `${JSON.stringify(manifestOf(form))}\n`);
    await chmod(temporary, 0o755); // mkdtemp creates folders for their owner only
    await place(temporary, folder, form);
    return text;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function manifestOf(form: Form): Readonly<Record<string, string>> {
  return { wheel: form.wheel.name, tensorflow: form.wheel.version, package: form.package, version: TFJS };
}

/** Returns whether the form is installed in the folder. @throws InstallError if the folder contains anything else */
async function isInstalled(folder: string, form: Form): Promise<boolean> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new InstallError(`${folder} cannot be used: ${error.code}; choose another folder with --folder`, {
      cause: error,
    });
  });
  if (entries.length === 0) return false;
  const manifest = await readFile(join(folder, MANIFEST), 'utf8').catch(() => '');
  if (manifest.trim() === JSON.stringify(manifestOf(form))) return true;
  throw new InstallError(
    `${folder} does not contain TensorFlow ${form.wheel.version} of ${form.wheel.name}, but is not empty; choose another folder with --folder`,
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

/**
 * Checks TensorFlow in a separate process.
 * @returns TensorFlow's description of itself
 * @throws InstallError if it does not load, or its convolution is wrong
 */
async function check(folder: string, { flag }: Form, signal: AbortSignal): Promise<string> {
  const program = fileURLToPath(new URL(`check${extname(import.meta.url)}`, import.meta.url));
  const args = [...process.execArgv, program, ...(flag === '' ? [] : ['cuda'])];
  const env = { ...process.env, [FOLDER]: folder };
  const output = await run('checking TensorFlow', { program: process.execPath, args, env, signal });
  const result = checkedIn(output);
  if ('error' in result) throw new InstallError(`checking TensorFlow failed: ${result.error}`);
  return result.text;
}

/** Parses the output of the check. @throws InstallError if the check ended without printing its line */
function checkedIn(output: string): Checked {
  const line = output.trim().split('\n').at(-1);
  try {
    return JSON.parse(String(line)) as Checked;
  } catch (cause) {
    const got = line === '' ? 'nothing' : line;
    throw new InstallError(`checking TensorFlow failed: expected a line of JSON, got ${got}`, { cause });
  }
}

/** Creates the temporary folder. @throws InstallError if the user cannot write there */
async function partialOf(folder: string, say: (step: string) => void): Promise<string> {
  try {
    await mkdir(dirname(folder), { recursive: true });
    await removePartials(folder, say);
    return await makePartial(folder);
  } catch (cause) {
    if (codeOf(cause) === undefined) throw cause;
    throw new InstallError(
      `cannot write ${folder}: ${messageOf(cause)}; choose a writable folder with --folder`,
      { cause },
    );
  }
}

/** Renames the temporary folder. If another process was faster, its folder has the same contents and is used instead. */
async function place(temporary: string, folder: string, form: Form): Promise<void> {
  try {
    await rename(temporary, folder);
  } catch (error) {
    if (!existsSync(folder) || !(await isInstalled(folder, form))) throw error;
  }
}
