// Opens the libraries that ONNX Runtime's CUDA provider needs, each by its path in the folder or, where the folder has none, by
// its name: those of a system's CUDA, or of LD_LIBRARY_PATH. The provider then finds them by their names. What is missing is told
// here, since ONNX Runtime says no more than that its provider does not load.
import { realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Missing } from '@isonet/native';
import { loadedCopies, missingLibrary, openLibrary } from '@isonet/native';
import { DRIVER_LIBRARY, LIBRARIES, OLDEST_DRIVER } from './files.ts';
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

/** Name and size in bytes of each library that is open: they tell versions apart wherever the files come from. */
export function openedLibraries(): readonly string[] {
  return LIBRARIES.flatMap((name) =>
    loadedCopies(name).map((path) => {
      const file = realpathSync(path);
      return `${basename(file)} ${statSync(file).size}`;
    }),
  );
}

/** Node's and the loader's words may go on for several lines. */
function oneLine(text: string): string {
  return text.trim().replace(/\s*\n[^]*/, '');
}
