// Loads ONNX Runtime's Node addon on demand, and describes the machine for its providers.
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { BackendError, vectorFeatures } from '@isonet/core';
import { NativeError } from '@isonet/native';
import type { Missing } from '@isonet/native';
import type { LoadedBinding } from './binding.ts';
import { loadBinding, preferCuda } from './binding.ts';
import type { CudaFolder } from './cuda/folder.ts';
import { findCudaFolder } from './cuda/folder.ts';
import { library } from './library.ts';
import { createSession } from './session.ts';
import type { OrtTensor, Session, Sessions, SessionSettings } from './sessions.ts';
import { firstLine, toOrt } from './tensors.ts';
import { disableTelemetry } from './telemetry.ts';

export type { OrtTensor, Session, SessionSettings };

export interface Runtime extends Sessions {
  /** The default number of threads within an operator. It affects how sums are split. */
  readonly threads: number;
  /** The processor's model, for messages. */
  readonly processor: string;
  /** The processor's vector instructions, which determine the library's kernels, as far as the system reports them. */
  readonly features: readonly string[];
  /** The execution providers that the library contains or can load, by the library's names. */
  readonly providers: readonly string[];
  /** The folder from which the library was loaded with its CUDA provider, or the reason why there is none. */
  readonly cuda: CudaFolder | Missing;
}

// More threads do not help the networks that run here. With a lower limit, more machines use the same number and compute the same bits.
const maxThreads = 16;

/**
 * Loads the library.
 * @param load loads the addon, from a folder if one is given
 * @param silence disables the library's telemetry
 * @throws BackendError if the library is not installed or cannot be loaded on this system
 */
export async function loadRuntime(
  load: typeof loadBinding = loadBinding,
  silence: () => Promise<void> = disableTelemetry,
): Promise<Runtime> {
  await silence();
  // Importing onnxruntime-common does not load the library.
  const { Tensor: Ort } = await import('onnxruntime-common');
  const found = findCudaFolder();
  const { binding, cuda } = bindingOf(() => preferCuda(found, (folder) => load(Ort, folder)));
  const providers = binding.listSupportedBackends().map(({ name }) => name);
  if (!providers.includes('cpu')) {
    throw new BackendError('NO_CPU', `onnx: ${library.title} for ${platform} has no cpu provider`);
  }
  return {
    version: library.version,
    threads: Math.min(availableParallelism(), maxThreads),
    platform,
    // On some systems the list of processors is empty.
    processor: cpus()[0]?.model ?? process.arch,
    features: process.platform === 'linux' ? vectorFeatures(await readFile('/proc/cpuinfo', 'utf8')) : [],
    providers,
    cuda,
    createSession: (model, settings) => createSession(binding, model, settings),
    tensor: (tensor) => toOrt(Ort, tensor),
  };
}

const platform = `${process.platform} ${process.arch}`;

function bindingOf(load: () => LoadedBinding): LoadedBinding {
  try {
    return load();
  } catch (cause) {
    if (cause instanceof NativeError) throw new BackendError(cause.code, `onnx: ${cause.message}`, { cause });
    throw new BackendError('LOAD', `onnx: ${library.title} failed to start: ${firstLine(cause)}`, { cause });
  }
}
