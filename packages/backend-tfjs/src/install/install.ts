// The installation: into a temporary folder, which gets its name once TensorFlow has answered from it.
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FOLDER } from '../providers/places.ts';
import { build } from './build.ts';
import type { Checked } from './check.ts';
import { InstallError, run } from './command.ts';
import type { Form } from './forms.ts';
import { TENSORFLOW, TFJS } from './forms.ts';
import { checkPrograms, checkRoom, checkSystem } from './needs.ts';

/** Says what a folder holds, and is written last. */
const MANIFEST = 'isonet.json';

export interface Installation {
  readonly form: Form;
  /** An absolute path. */
  readonly folder: string;
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
  const { form, folder, say, signal } = installation;
  checkSystem();
  if (await isMade(folder, form)) {
    say(`${folder} is there already; check it`);
    return checkExisting(folder, form, signal);
  }
  await checkPrograms(signal);
  await checkRoom(folder, form);
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}.part-`);
  try {
    await build({ folder: temporary, form, say, signal });
    say('check it');
    const text = await check(temporary, form, signal);
    await writeFile(join(temporary, MANIFEST), `${JSON.stringify(manifestOf(form))}\n`);
    await chmod(temporary, 0o755); // mkdtemp's is for one user
    await place(temporary, folder, form);
    return text;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function manifestOf(form: Form): Readonly<Record<string, string>> {
  return { wheel: form.wheel, tensorflow: TENSORFLOW, package: form.package, version: TFJS };
}

/** @returns whether it is there; false where there is nothing @throws InstallError for a folder that holds anything else */
async function isMade(folder: string, form: Form): Promise<boolean> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new InstallError(`${folder} cannot be used: ${error.code}; name another folder with --dir`, {
      cause: error,
    });
  });
  if (entries.length === 0) return false;
  const manifest = await readFile(join(folder, MANIFEST), 'utf8').catch(() => '');
  if (manifest.trim() === JSON.stringify(manifestOf(form))) return true;
  throw new InstallError(
    `${folder} holds something other than TensorFlow ${TENSORFLOW} of ${form.wheel}; remove it, or name another folder with --dir`,
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
  const result = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Checked;
  if ('error' in result) throw new InstallError(`checking TensorFlow failed: ${result.error}`);
  return result.text;
}

/** Gives the folder its name; another process that came first has built the same. */
async function place(temporary: string, folder: string, form: Form): Promise<void> {
  try {
    await rename(temporary, folder);
  } catch (error) {
    if (!existsSync(folder) || !(await isMade(folder, form))) throw error;
  }
}
