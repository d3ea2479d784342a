// ONNX Runtime, loaded when it is asked for: what the backend needs of it, and tensors to and from its own.
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import type { Tensor, TensorType } from '@isonet/core';
import { asFloat32, BackendError, messageOf, vectorFeatures } from '@isonet/core';
import { NativeError } from '@isonet/native';
import type { Tensor as OrtTensor } from 'onnxruntime-common';
import type { Missing } from '@isonet/native';
import type { LoadedBinding } from './binding.ts';
import { loadBinding, preferCuda } from './binding.ts';
import type { CudaFolder } from './cuda/folder.ts';
import { findCudaFolder } from './cuda/folder.ts';
import { library } from './library.ts';
import type { Session, SessionSettings } from './session.ts';
import { createSession } from './session.ts';
import { disableTelemetry } from './telemetry.ts';

export type { OrtTensor, Session, SessionSettings };

export interface Runtime {
  /** e.g. `1.30.0` */
  readonly version: string;
  /** Threads within an operator where nothing else is asked for. They decide how sums are split. */
  readonly threads: number;
  /** e.g. `linux x64` */
  readonly platform: string;
  /** The processor's model, for people. */
  readonly processor: string;
  /** Its vector instructions, which pick the library's kernels, as far as the system tells. */
  readonly features: readonly string[];
  /** The execution providers that the library was built with or knows how to load, by its own names. */
  readonly providers: readonly string[];
  /** The folder that the library was loaded from with its CUDA provider, or why there is none. */
  readonly cuda: CudaFolder | Missing;
  createSession(model: Uint8Array, settings: SessionSettings): Promise<Session>;
  /** A tensor over the very same memory, but for what has to be converted: float64, and memory that threads share. */
  tensor(tensor: Tensor): OrtTensor;
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

/** What was thrown, in one line: the library's messages go on for several. */
export function firstLine(error: unknown): string {
  return messageOf(error)
    .trim()
    .replace(/\n[^]*/, '');
}

function toOrt(Ort: typeof OrtTensor, tensor: Tensor): OrtTensor {
  const { dtype, shape } = tensor;
  if (dtype === 'int32') return new Ort(dtype, unshared(tensor.data), shape);
  if (dtype === 'uint32') return new Ort(dtype, unshared(tensor.data), shape);
  if (dtype === 'bool') return new Ort(dtype, unshared(tensor.data), shape);
  return new Ort('float32', unshared(asFloat32(tensor)), shape);
}

/** ONNX Runtime refuses memory that threads share: a copy of it. */
function unshared<T extends Float32Array | Int32Array | Uint32Array | Uint8Array>(data: T): T {
  return data.buffer instanceof SharedArrayBuffer ? (data.slice() as T) : data;
}

/** A result over the very memory that it came in. @throws BackendError when it is not what the graph declares */
export function fromOrt(value: OrtTensor | undefined, { dtype, shape }: TensorType, name: string): Tensor {
  const data = value?.data;
  if (dtype === 'float32' && data instanceof Float32Array) return { dtype, shape, data };
  if (dtype === 'int32' && data instanceof Int32Array) return { dtype, shape, data };
  if (dtype === 'uint32' && data instanceof Uint32Array) return { dtype, shape, data };
  if (dtype === 'bool' && data instanceof Uint8Array) return { dtype, shape, data };
  throw new BackendError(
    'OUTPUT',
    `onnx: "${name}" came back as ${value?.type ?? 'nothing'}, expected ${dtype}`,
  );
}
