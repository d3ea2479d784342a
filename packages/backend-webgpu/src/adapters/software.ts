// Finds SwiftShader, a Vulkan driver that computes on the CPU, in npm's @sparticuz/chromium, and unpacks it once into the user's
// cache. It is meant for tests and for machines without a GPU. dawn.ts loads it.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BackendError, messageOf } from '@isonet/core';
import { userCache } from '@isonet/native';
import { extract } from 'tar';
import type { Absence } from './gpu.ts';

const PACKAGE = '@sparticuz/chromium';
// The manifest names the driver by a path relative to itself, so the folder may be moved.
const MANIFEST = 'vk_swiftshader_icd.json';
const DRIVER = 'libvk_swiftshader.so';
const LOADER = 'libvulkan.so.1';
const OTHER_CACHE = 'set XDG_CACHE_HOME to a writable folder, e.g. XDG_CACHE_HOME=/tmp/cache';
const FILES: readonly string[] = [MANIFEST, DRIVER, LOADER];

export interface SoftwarePackage {
  readonly version: string;
  /** The path of the brotli-compressed tar archive of the driver. */
  readonly archive: string;
}

export interface SoftwareFiles {
  /** The path of the manifest, which registers the driver with the Vulkan loader. */
  readonly manifest: string;
  /** The path of a Vulkan loader, for systems without one. */
  readonly loader: string;
}

/** Looks for the package and reads only its version. */
export function findSoftware(): SoftwarePackage | Absence {
  const platform = `${process.platform} ${process.arch}`;
  if (platform !== 'linux x64') {
    return {
      code: 'SOFTWARE_PLATFORM',
      reason: `the software driver of npm's ${PACKAGE} runs on linux x64 only; this is ${platform}`,
      fix: "use the system's own adapter",
    };
  }
  let root: string;
  try {
    root = join(dirname(createRequire(import.meta.url).resolve(PACKAGE)), '..');
  } catch {
    return {
      code: 'SOFTWARE_MISSING',
      reason: `npm's ${PACKAGE}, which contains a software driver, is not installed`,
      fix: `run npm install ${PACKAGE}@153`,
    };
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { version, archive: join(root, 'bin', 'swiftshader.tar.br') };
}

/**
 * Unpacks the driver into `<cache>/isonet/swiftshader-<version>`, unless it is already there. Safe to run in several
 * processes at once.
 * @throws BackendError if the archive is incomplete, or the cache cannot be written
 */
export async function unpackSoftware(
  { version, archive }: SoftwarePackage,
  cache: string | undefined = userCache(),
): Promise<SoftwareFiles> {
  if (cache === undefined) {
    const message = `webgpu "software": there is no home folder to unpack ${archive} into; ${OTHER_CACHE}`;
    throw new BackendError('SOFTWARE_UNPACK', message);
  }
  const folder = join(cache, 'isonet', `swiftshader-${version}`);
  if (!isComplete(folder)) {
    try {
      await unpack(archive, folder);
    } catch (cause) {
      const text = messageOf(cause);
      const message = `webgpu "software": cannot unpack ${archive} into ${folder}: ${text}; ${OTHER_CACHE}, or reinstall ${PACKAGE}`;
      throw new BackendError('SOFTWARE_UNPACK', message, { cause });
    }
  }
  return { manifest: join(folder, MANIFEST), loader: join(folder, LOADER) };
}

async function unpack(archive: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}.`);
  try {
    await extract({
      file: archive,
      cwd: temporary,
      brotli: true,
      strict: true,
      preserveOwner: false,
      filter: (path) => FILES.includes(path),
    });
    if (!isComplete(temporary)) throw new Error(`expected ${FILES.join(', ')} in the archive`);
    await rename(temporary, folder).catch((error: unknown) => {
      if (!isComplete(folder)) throw error; // otherwise another process has already unpacked the same files
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function isComplete(folder: string): boolean {
  return FILES.every((file) => existsSync(join(folder, file)));
}
