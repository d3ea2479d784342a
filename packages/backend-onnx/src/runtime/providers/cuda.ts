// ONNX Runtime's CUDA provider, on NVIDIA GPUs. Experimental: tested as far as possible without a driver, but not yet on a card.
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Claims, DeviceInfo } from '@isonet/core';
import type { Missing } from '@isonet/native';
import { loadedCopies } from '@isonet/native';
import { gathering } from '../../lowering/gathering/index.ts';
import { cardText, missingCard } from '../cuda/card.ts';
import { failureOf } from '../cuda/failure.ts';
import { CUDA, PROVIDER } from '../cuda/files.ts';
import type { CudaFolder } from '../cuda/folder.ts';
import { missingPlatform } from '../cuda/folder.ts';
import { hasOpened, missingDriver, openedLibraries, openLibraries } from '../cuda/libraries.ts';
import { settleTf32 } from '../cuda/tf32.ts';
import type { Runtime } from '../load.ts';
import type { Provider } from './provider.ts';
import { absenceError, absentDevice, checkNoThreads } from './provider.ts';
import { trial } from './trial.ts';

/** Claims nothing yet, because the suite has not run on a card. `reproducible` requires the same bits from three runs in two processes. */
const claims: Claims = {
  heldAs: 'float32',
  reproducible: false,
  subnormals: false,
  nonFinite: false,
  maxima: { max: 'none', reduceMax: 'none', maxPool2d: 'none' },
};

export const cuda: Provider = cudaUnder('/');

/** Creates the provider. @param root for tests: another root folder */
export function cudaUnder(root: string): Provider {
  return {
    id: 'cuda',
    // This does not load the libraries, because that would fix TF32 for the whole process.
    find: (runtime) => {
      const folder = 'reason' in runtime.cuda ? runtime.cuda : undefined;
      // The driver is opened last, and only if nothing else is missing.
      const missing = missingPlatform() ?? missingCard(root) ?? folder ?? missingDriver();
      return missing === undefined ? infoOf(runtime, root, false) : absentDevice('cuda', missing);
    },
    open: async (runtime, options) => {
      checkNoThreads('cuda', options);
      const { tf32 = false } = options;
      const { cuda: folder } = runtime;
      // Check the card and the driver first: without them there is nothing to download.
      const missing = missingPlatform() ?? missingCard(root) ?? missingDriver();
      if (missing !== undefined) throw absenceError('cuda', missing);
      if ('reason' in folder) throw absenceError('cuda', folder);
      const other = otherCopy(folder);
      if (other !== undefined) throw absenceError('cuda', other);
      const unsettle = settleTf32(tf32);
      const unopened = openLibraries(folder);
      if (unopened !== undefined) {
        if (!hasOpened()) unsettle();
        throw absenceError('cuda', unopened);
      }
      const session = { provider: 'cuda', threads: 1 };
      try {
        await trial(runtime, session);
      } catch (error) {
        throw absenceError('cuda', await failureOf(error, folder), error);
      }
      const card = cardText(root);
      return {
        info: infoOf(runtime, root, tf32),
        claims,
        session,
        table: gathering,
        inChunks: false,
        settings: { tf32 },
        runtime: [
          `ONNX Runtime ${runtime.version}, CUDA ${CUDA}`,
          `provider ${digestIn(folder)}`,
          ...openedLibraries(),
          ...(card === '' ? [] : [card]),
          ...['CUDA_VISIBLE_DEVICES', 'CUDA_DEVICE_ORDER'].map(
            (name) => `${name} ${process.env[name] ?? 'unset'}`,
          ),
        ],
      };
    },
  };
}

/** Returns the provider's SHA-256 digest, which `checkFolder` has found in the manifest. */
function digestIn({ path, files }: CudaFolder): string {
  const record = files[PROVIDER];
  if (record === undefined) throw new Error(`${path} does not list ${PROVIDER}`);
  return record.sha256;
}

function infoOf({ version }: Runtime, root: string, tf32: boolean): DeviceInfo {
  const card = cardText(root);
  const where = card === '' ? 'an NVIDIA GPU' : card;
  const rounding = tf32 ? ', TF32 on' : '';
  const text = `ONNX Runtime ${version} with CUDA ${CUDA} on ${where}${rounding}; experimental: no card has run the suite yet`;
  return { id: 'cuda', kind: 'gpu', text };
}

/** Returns the conflict with a loaded copy from another folder: the library looks for its provider only in its own folder. */
function otherCopy({ path }: CudaFolder): Missing | undefined {
  const own = realpathSync(path);
  const other = loadedCopies('libonnxruntime.so.1').find((file) => dirname(file) !== own);
  if (other === undefined) return undefined;
  return {
    code: 'OTHER_COPY',
    reason: `this process has loaded ONNX Runtime from ${other}, not from ${path} with its CUDA provider`,
    fix: 'remove the other copy from LD_LIBRARY_PATH, or open the device before anything loads onnxruntime-node, or in a separate process',
  };
}
