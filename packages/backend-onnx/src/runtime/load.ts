// ONNX Runtime's Node addon, loaded when it is asked for, and what its providers need to know of the machine.
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
  /** Threads within an operator where nothing else is asked for. They decide how sums are split. */
  readonly threads: number;
  /** The processor's model, for people. */
  readonly processor: string;
  /** Its vector instructions, which pick the library's kernels, as far as the system tells. */
  readonly features: readonly string[];
  /** The execution providers that the library was built with or knows how to load, by its own names. */
  readonly providers: readonly string[];
  /** The folder that the library was loaded from with its CUDA provider, or why there is none. */
  readonly cuda: CudaFolder | Missing;
}

// More threads than this do not pay for the networks that run here, and the fewer they are the more machines agree.
const maxThreads = 16;

/**
 * @param load loads the addon, from a folder where one is named
 * @param silence switches the library's telemetry off
 * @throws BackendError when it is not installed, or cannot be loaded on this system
 */
export async function loadRuntime(
  load: typeof loadBinding = loadBinding,
  silence: () => Promise<void> = disableTelemetry,
): Promise<Runtime> {
  await silence();
  // Importing this package loads nothing of the library.
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
    // Some systems list no processors.
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
    throw new BackendError('LOAD', `onnx: ${library.title} fails to start: ${firstLine(cause)}`, { cause });
  }
}
