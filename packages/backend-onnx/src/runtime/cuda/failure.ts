// Explains ONNX Runtime's error for a CUDA provider that fails to start, in one line with the fix.
import { join } from 'node:path';
import { messageOf } from '@isonet/core';
import type { Missing } from '@isonet/native';
import { oldDriver } from './card.ts';
import { PROVIDER, PROVIDER_FILES } from './files.ts';
import type { CudaFolder } from './folder.ts';
import { damagedFile } from './folder.ts';
import { reinstall } from './manifest.ts';

/** CUDA's error numbers: https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html */
const INSUFFICIENT_DRIVER = '35';
const NO_DEVICE = '100';

/** Explains the error. @param folder the folder that the provider was loaded from */
export async function failureOf(error: unknown, folder: CudaFolder): Promise<Missing> {
  const message = messageOf(error).trim().replace(/\s+/g, ' ');
  if (message.includes('Failed to load shared library')) return notLoaded(folder);
  // In the library's messages, names of files and functions precede the reason.
  const [, number, text = ''] = /\bCUDA failure (\d+): (.*?) ;/.exec(message) ?? [];
  if (number === INSUFFICIENT_DRIVER) return oldDriver(text);
  return {
    code: 'CUDA_FAILED',
    reason: number === undefined ? endOf(message) : `CUDA failure ${number}: ${text}`,
    fix:
      number === NO_DEVICE
        ? 'check the output of nvidia-smi and CUDA_VISIBLE_DEVICES, and that the container was started with --gpus all'
        : 'check that nvidia-smi runs and that the card has free memory',
  };
}

/**
 * Explains why the provider did not load, which ONNX Runtime does not report. The libraries that the provider needs
 * are already open, so the provider's own files must be the cause.
 */
async function notLoaded(folder: CudaFolder): Promise<Missing> {
  const damaged = await damagedFile(folder, PROVIDER_FILES);
  const reason =
    damaged === undefined
      ? `ONNX Runtime cannot load its provider ${join(folder.path, PROVIDER)}`
      : `${damaged} is damaged: its digest differs from the installed file's`;
  return { code: 'CUDA_PROVIDER', reason, fix: reinstall(folder.path) };
}

/** Returns the end of a long message, which contains the reason. */
function endOf(text: string): string {
  return text.length <= 300 ? text : `... ${text.slice(-300)}`;
}
