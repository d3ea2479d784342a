// Finds the CUDA folder and checks that it is complete and has the right version of ONNX Runtime. It opens no library.
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Missing } from '@isonet/native';
import { library } from '../library.ts';
import { COMMAND, folderPath, MANIFEST, OLDEST_DRIVER, PROVIDER_FILES, RUNTIME_FILES } from './files.ts';
import type { Manifest } from './manifest.ts';
import { readManifest, reinstall } from './manifest.ts';

export interface CudaFolder extends Manifest {
  readonly path: string;
}

/** Returns why CUDA is not supported on this system; undefined if it is. */
export function missingPlatform(): Missing | undefined {
  const platform = `${process.platform} ${process.arch}`;
  if (platform === 'linux x64') return undefined;
  return {
    code: 'CUDA_PLATFORM',
    reason: `CUDA needs linux x64, got ${platform}`,
    fix: 'open "cpu", or the webgpu backend for a GPU',
  };
}

/** Finds the installed folder, or returns why it cannot be used. If nothing is installed, this looks for only one file. */
export function findCudaFolder(): CudaFolder | Missing {
  const unsupported = missingPlatform();
  if (unsupported !== undefined) return unsupported;
  const path = folderPath();
  if (path === undefined) {
    return {
      code: 'CUDA_FOLDER',
      reason: 'there is no home folder to look for the CUDA provider in',
      fix: 'set ISONET_ONNX_CUDA or XDG_CACHE_HOME to a folder',
    };
  }
  return checkFolder(path);
}

/** Checks the folder at a path, or returns why it cannot be used. */
export function checkFolder(path: string): CudaFolder | Missing {
  const manifest = readManifest(join(path, MANIFEST));
  if (manifest === undefined) {
    return {
      code: 'NO_CUDA_PROVIDER',
      reason: `ONNX Runtime's CUDA provider is not installed (there is no ${join(path, MANIFEST)})`,
      fix: `run ${COMMAND} (needs an NVIDIA driver of ${OLDEST_DRIVER} or newer, and downloads 1.2 GB)`,
    };
  }
  if ('reason' in manifest) return manifest;
  if (manifest.onnxruntime !== library.version) {
    return {
      code: 'CUDA_VERSION',
      reason: `${path}: expected ONNX Runtime ${library.version}, found ${manifest.onnxruntime}`,
      fix: reinstall(path),
    };
  }
  const unlisted = [...RUNTIME_FILES, ...PROVIDER_FILES].find((name) => !Object.hasOwn(manifest.files, name));
  if (unlisted !== undefined) {
    return {
      code: 'CUDA_MANIFEST',
      reason: `${join(path, MANIFEST)} does not list ${unlisted}`,
      fix: reinstall(path),
    };
  }
  for (const [name, { bytes }] of Object.entries(manifest.files)) {
    const size = sizeOf(join(path, name));
    if (size === bytes) continue;
    const got = size === undefined ? 'is missing' : `has ${size} bytes, expected ${bytes}`;
    return { code: 'CUDA_FILE', reason: `${join(path, name)} ${got}`, fix: reinstall(path) };
  }
  return { path, ...manifest };
}

/** Finds the first file whose digest differs from the installed file's. It reads whole files. */
export async function damagedFile(
  { path, files }: CudaFolder,
  names: readonly string[],
): Promise<string | undefined> {
  for (const name of names) {
    if ((await digestOf(join(path, name))) !== files[name]?.sha256) return join(path, name);
  }
  return undefined;
}

/** Computes the SHA-256 digest of a file, in hexadecimal. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function sizeOf(path: string): number | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() === true ? stat.size : undefined;
  } catch {
    return undefined;
  }
}
