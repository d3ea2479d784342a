// Opens the libraries that ONNX Runtime's CUDA provider needs, each by its path in the folder or, where the folder has none, by
// its name: those of a system's CUDA, or of LD_LIBRARY_PATH. The provider then finds them by their names. What is missing is told
// here, since ONNX Runtime says no more than that its provider does not load.
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Missing } from '@isonet/native';
import { loadedCopies, missingLibrary, openLibrary } from '@isonet/native';
import { CUDNN, DRIVER_LIBRARY, LIBRARIES, OLDEST_DRIVER } from './files.ts';
import type { CudaFolder } from './folder.ts';
import { again } from './manifest.ts';

/** Why NVIDIA's driver cannot be opened; undefined where it can. It asks no card. */
export function missingDriver(): Missing | undefined {
  const said = missingLibrary(DRIVER_LIBRARY);
  if (said === undefined) return undefined;
  return {
    code: 'NO_CUDA_DRIVER',
    reason: `NVIDIA's driver is not installed, or not visible here (${oneLine(said)})`,
    fix:
      `install the NVIDIA driver ${OLDEST_DRIVER} or newer (containers: NVIDIA's container toolkit, --gpus all and ` +
      'NVIDIA_DRIVER_CAPABILITIES=all)',
  };
}

/** @returns why one of them cannot be opened; undefined when all are open */
export function openLibraries({ path, files }: CudaFolder): Missing | undefined {
  for (const name of [DRIVER_LIBRARY, ...LIBRARIES]) {
    const ours = Object.hasOwn(files, name);
    const said = openLibrary(ours ? join(path, name) : name);
    if (said === undefined) continue;
    return {
      code: 'CUDA_LIBRARY',
      reason: `${name} cannot be opened (${oneLine(said)})`,
      fix: ours
        ? again(path)
        : `install CUDA 13 and cuDNN 9 where the system's loader finds them (LD_LIBRARY_PATH), or ${again(path)} without --provider-only`,
    };
  }
  return undefined;
}

/** Whether this process has any of them but the driver's. */
export function hasOpened(): boolean {
  return LIBRARIES.some((name) => loadedCopies(name).length > 0);
}

/**
 * Name and size in bytes of each library that is open, and of cuDNN's engines: they tell versions apart wherever the files come
 * from. cuDNN opens an engine when it is first needed, from its own folder, so the engines there count from the start.
 */
export function openedLibraries(): readonly string[] {
  const opened = LIBRARIES.flatMap((name) => loadedCopies(name).map((path) => realpathSync(path)));
  return [...opened, ...loadedCopies(CUDNN).flatMap(enginesBeside)].map(
    (file) => `${basename(file)} ${statSync(file).size}`,
  );
}

function enginesBeside(path: string): readonly string[] {
  const folder = dirname(path);
  return readdirSync(folder)
    .filter((name) => /^libcudnn_\w+\.so\.9$/.test(name))
    .toSorted()
    .map((name) => realpathSync(join(folder, name)));
}

/** Node's and the loader's words may go on for several lines. */
function oneLine(text: string): string {
  return text.trim().replace(/\s*\n[^]*/, '');
}
