// Opens the libraries that ONNX Runtime's CUDA provider needs. Each is opened by its path in the folder. A library
// that the folder lacks is opened by its name, from the system's CUDA or LD_LIBRARY_PATH. The provider then finds the
// open libraries by name. Missing libraries are reported here, because ONNX Runtime reports only that its provider
// does not load.
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Missing } from '@isonet/native';
import { loadedCopies, missingLibrary, openLibrary } from '@isonet/native';
import { CUDNN, DRIVER_LIBRARY, LIBRARIES, OLDEST_DRIVER } from './files.ts';
import type { CudaFolder } from './folder.ts';
import { reinstall } from './manifest.ts';

/** Returns why NVIDIA's driver cannot be opened; undefined if it can. It does not access a card. */
export function missingDriver(): Missing | undefined {
  const error = missingLibrary(DRIVER_LIBRARY);
  if (error === undefined) return undefined;
  return {
    code: 'NO_CUDA_DRIVER',
    reason: `NVIDIA's driver is not installed, or not visible to this process (${oneLine(error)})`,
    fix:
      `install the NVIDIA driver ${OLDEST_DRIVER} or newer (containers: NVIDIA's container toolkit, --gpus all and ` +
      'NVIDIA_DRIVER_CAPABILITIES=all)',
  };
}

/** Opens the libraries. @returns why one of them cannot be opened; undefined once all are open */
export function openLibraries({ path, files }: CudaFolder): Missing | undefined {
  for (const name of [DRIVER_LIBRARY, ...LIBRARIES]) {
    const isInFolder = Object.hasOwn(files, name);
    const error = openLibrary(isInFolder ? join(path, name) : name);
    if (error === undefined) continue;
    return {
      code: 'CUDA_LIBRARY',
      reason: `${name} cannot be opened (${oneLine(error)})`,
      fix: isInFolder
        ? reinstall(path)
        : `install CUDA 13 and cuDNN 9 where the system's loader finds them (LD_LIBRARY_PATH), or ${reinstall(path)} without --provider-only`,
    };
  }
  return undefined;
}

/** Returns whether this process has opened any of the libraries, apart from the driver's. */
export function hasOpened(): boolean {
  return LIBRARIES.some((name) => loadedCopies(name).length > 0);
}

/**
 * Returns the name and the size in bytes of each open library and of cuDNN's engines, which identify their versions wherever the files
 * come from. cuDNN opens engines from its own folder on first use, so all engines there are included from the start.
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

/** Returns the first line of an error message: messages of Node and of the loader may have several lines. */
function oneLine(text: string): string {
  return text.trim().replace(/\s*\n[^]*/, '');
}
