// What ONNX Runtime says of a CUDA provider that does not start, in one line with the fix.
import { join } from 'node:path';
import { messageOf } from '@isonet/core';
import type { Missing } from '@isonet/native';
import { oldDriver } from './card.ts';
import { PROVIDER, PROVIDER_FILES } from './files.ts';
import type { CudaFolder } from './folder.ts';
import { damagedFile } from './folder.ts';
import { again } from './manifest.ts';

/** Numbers of CUDA's errors: https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html */
const INSUFFICIENT_DRIVER = '35';
const NO_DEVICE = '100';

/** @param folder what was loaded */
export async function failureOf(error: unknown, folder: CudaFolder): Promise<Missing> {
  const said = messageOf(error).trim().replace(/\s+/g, ' ');
  if (said.includes('Failed to load shared library')) return notLoaded(folder);
  // The library puts the names of its files and functions before the reason.
  const [, number, text = ''] = /\bCUDA failure (\d+): (.*?) ;/.exec(said) ?? [];
  if (number === INSUFFICIENT_DRIVER) return oldDriver(text);
  return {
    code: 'CUDA_FAILED',
    reason: number === undefined ? lastWords(said) : `CUDA failure ${number}: ${text}`,
    fix:
      number === NO_DEVICE
        ? 'check what nvidia-smi lists, CUDA_VISIBLE_DEVICES, and that the container was started with --gpus all'
        : 'check that nvidia-smi runs and that the card has memory left',
  };
}

/** It does not say why. What it needs is open already, so it is the provider itself. */
async function notLoaded(folder: CudaFolder): Promise<Missing> {
  const damaged = await damagedFile(folder, PROVIDER_FILES);
  const reason =
    damaged === undefined
      ? `ONNX Runtime does not load its provider ${join(folder.path, PROVIDER)}`
      : `${damaged} is damaged: its bytes are not those that were installed`;
  return { code: 'CUDA_PROVIDER', reason, fix: again(folder.path) };
}

/** The end of a long message is what was wrong. */
function lastWords(text: string): string {
  return text.length <= 300 ? text : `... ${text.slice(-300)}`;
}
