// ONNX Runtime's CUDA provider, on NVIDIA's GPUs. Experimental: built and tested up to the missing driver, never run on a card.
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
import { absence, absentDevice, checkNoThreads } from './provider.ts';
import { trial } from './trial.ts';

/** Claims nothing yet: no card has run the suite. `reproducible` waits until three runs in two processes gave the same bits on a card. */
const claims: Claims = {
  heldAs: 'float32',
  reproducible: false,
  subnormals: false,
  nonFinite: false,
  maxima: { max: 'none', reduceMax: 'none', maxPool2d: 'none' },
};

export const cuda: Provider = cudaUnder('/');

/** @param root the system's root folder, where the card's files are looked for; another one is for tests */
export function cudaUnder(root: string): Provider {
  return {
    id: 'cuda',
    // The libraries are not loaded for this: they would fix TF32 for the whole process.
    find: (runtime) => {
      const folder = 'reason' in runtime.cuda ? runtime.cuda : undefined;
      // The driver is opened where all else is there.
      const missing = missingPlatform() ?? missingCard(root) ?? folder ?? missingDriver();
      return missing === undefined ? infoOf(runtime, root, false) : absentDevice('cuda', missing);
    },
    open: async (runtime, options) => {
      checkNoThreads('cuda', options);
      const { tf32 = false } = options;
      const { cuda: folder } = runtime;
      // Check the card and the driver first: without them there is nothing to download.
      const missing = missingPlatform() ?? missingCard(root) ?? missingDriver();
      if (missing !== undefined) throw absence('cuda', missing);
      if ('reason' in folder) throw absence('cuda', folder);
      const other = otherCopy(folder);
      if (other !== undefined) throw absence('cuda', other);
      const unsettle = settleTf32(tf32);
      const unopened = openLibraries(folder);
      if (unopened !== undefined) {
        if (!hasOpened()) unsettle();
        throw absence('cuda', unopened);
      }
      const session = { provider: 'cuda', threads: 1 };
      try {
        await trial(runtime, session);
      } catch (error) {
        throw absence('cuda', await failureOf(error, folder), error);
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

/** The provider's SHA-256, which `checkFolder` has found listed. */
function digestIn({ path, files }: CudaFolder): string {
  const record = files[PROVIDER];
  if (record === undefined) throw new Error(`${path} lists no ${PROVIDER}`);
  return record.sha256;
}

function infoOf({ version }: Runtime, root: string, tf32: boolean): DeviceInfo {
  const card = cardText(root);
  const where = card === '' ? 'an NVIDIA GPU' : card;
  const rounding = tf32 ? ', TF32 on' : '';
  const text = `ONNX Runtime ${version} with CUDA ${CUDA} on ${where}${rounding}; experimental: no card has run the suite yet`;
  return { id: 'cuda', kind: 'gpu', text };
}

/** The library looks for its provider in its own folder: a copy that was loaded before, from elsewhere, does not find it. */
function otherCopy({ path }: CudaFolder): Missing | undefined {
  const own = realpathSync(path);
  const other = loadedCopies('libonnxruntime.so.1').find((file) => dirname(file) !== own);
  if (other === undefined) return undefined;
  return {
    code: 'OTHER_COPY',
    reason: `this process has loaded ONNX Runtime from ${other}, not from ${path} with its CUDA provider`,
    fix: 'take it off LD_LIBRARY_PATH, open the device before anything loads onnxruntime-node, or in a process of its own',
  };
}
