// Finds the CUDA folder and says whether it can be used: of this very version of ONNX Runtime, and whole. It opens no library.
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Missing } from '@isonet/native';
import { library } from '../library.ts';
import { COMMAND, folderPath, MANIFEST, OLDEST_DRIVER, PROVIDER_FILES, RUNTIME_FILES } from './files.ts';
import type { Manifest } from './manifest.ts';
import { again, readManifest } from './manifest.ts';

export interface CudaFolder extends Manifest {
  readonly path: string;
}

/** Why no system like this one has CUDA. */
export function missingPlatform(): Missing | undefined {
  const platform = `${process.platform} ${process.arch}`;
  if (platform === 'linux x64') return undefined;
  return {
    code: 'CUDA_PLATFORM',
    reason: `CUDA is offered on linux x64 only; this is ${platform}`,
    fix: 'open "cpu", or the webgpu backend for a GPU',
  };
}

/** The folder that is installed, or why it cannot be used. Where nothing is installed, one file is looked for. */
export function findCudaFolder(): CudaFolder | Missing {
  const unfit = missingPlatform();
  if (unfit !== undefined) return unfit;
  const path = folderPath();
  if (path === undefined) {
    return {
      code: 'CUDA_FOLDER',
      reason: 'there is no home folder, where the CUDA provider would lie',
      fix: 'set ISONET_ONNX_CUDA to a folder of its own, or XDG_CACHE_HOME',
    };
  }
  return checkFolder(path);
}

/** The folder at that path, or why it cannot be used. */
export function checkFolder(path: string): CudaFolder | Missing {
  const manifest = readManifest(join(path, MANIFEST));
  if (manifest === undefined) {
    return {
      code: 'NO_CUDA_PROVIDER',
      reason: `ONNX Runtime's CUDA provider is not installed (there is no ${join(path, MANIFEST)})`,
      fix: `${COMMAND} (it needs an NVIDIA driver of ${OLDEST_DRIVER} or newer, and downloads 1.2 GB)`,
    };
  }
  if ('reason' in manifest) return manifest;
  if (manifest.onnxruntime !== library.version) {
    return {
      code: 'CUDA_VERSION',
      reason: `${path} is of ONNX Runtime ${manifest.onnxruntime}, this backend's is ${library.version}`,
      fix: again(path),
    };
  }
  const unlisted = [...RUNTIME_FILES, ...PROVIDER_FILES].find((name) => !Object.hasOwn(manifest.files, name));
  if (unlisted !== undefined) {
    return {
      code: 'CUDA_MANIFEST',
      reason: `${join(path, MANIFEST)} lists no ${unlisted}`,
      fix: again(path),
    };
  }
  for (const [name, { bytes }] of Object.entries(manifest.files)) {
    const size = sizeOf(join(path, name));
    if (size === bytes) continue;
    const got = size === undefined ? 'is missing' : `has ${size} bytes, expected ${bytes}`;
    return { code: 'CUDA_FILE', reason: `${join(path, name)} ${got}`, fix: again(path) };
  }
  return { path, ...manifest };
}

/** The first file whose bytes are not those that were installed. It reads all of them. */
export async function damagedFile(
  { path, files }: CudaFolder,
  names: readonly string[],
): Promise<string | undefined> {
  for (const name of names) {
    if ((await digestOf(join(path, name))) !== files[name]?.sha256) return join(path, name);
  }
  return undefined;
}

/** The SHA-256 of a file, in hexadecimal digits. */
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
