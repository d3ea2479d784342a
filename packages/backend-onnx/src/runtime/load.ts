// ONNX Runtime's Node package: loaded when it is asked for, and spoken to here and nowhere else.
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import type { Tensor, TensorType } from '@isonet/core';
import { asFloat32, BackendError, messageOf, vectorFeatures } from '@isonet/core';
import type * as onnxruntime from 'onnxruntime-node';
import type { InferenceSession, OnnxValue, Tensor as OrtTensor } from 'onnxruntime-node';

type Ort = typeof onnxruntime;
export type { InferenceSession, OrtTensor };

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
  createSession(model: Uint8Array, threads: number): Promise<InferenceSession>;
  /** A tensor over the very same memory, but for what has to be converted: float64, and memory that threads share. */
  tensor(tensor: Tensor): OrtTensor;
}

// More threads than this do not pay for the networks that run here, and the fewer they are the more machines agree.
const maxThreads = 16;

/**
 * @param load for tests: imports the package
 * @throws BackendError when it is not installed or has no library for this machine
 */
export async function loadRuntime(
  load: () => Promise<Ort> = () => import('onnxruntime-node'),
): Promise<Runtime> {
  let ort: Ort;
  try {
    ort = await load();
  } catch (error) {
    throw missing(error);
  }
  if (!ort.listSupportedBackends().some(({ name }) => name === 'cpu')) {
    throw new BackendError('NO_CPU', `onnx: onnxruntime-node for ${platform} has no cpu provider`);
  }
  return {
    version: ort.env.versions.node ?? ort.env.versions.common,
    threads: Math.min(availableParallelism(), maxThreads),
    platform,
    // Some systems list no processors.
    processor: cpus()[0]?.model ?? process.arch,
    features: process.platform === 'linux' ? vectorFeatures(await readFile('/proc/cpuinfo', 'utf8')) : [],
    createSession: (model, threads) => ort.InferenceSession.create(model, sessionOptions(threads)),
    tensor: (tensor) => toOrt(ort, tensor),
  };
}

/** The fix for a failure of {@link loadRuntime}. */
export const fix = 'npm install onnxruntime-node@1.30.0';

const platform = `${process.platform} ${process.arch}`;

function missing(error: unknown): BackendError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const absent = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return new BackendError(
    absent ? 'NOT_INSTALLED' : 'LOAD',
    `onnx: onnxruntime-node cannot be loaded on ${platform} (${firstLine(error)}); ${fix}`,
    { cause: error },
  );
}

/** What was thrown, in one line: the library's messages go on for several. */
export function firstLine(error: unknown): string {
  return messageOf(error)
    .trim()
    .replace(/\n[^]*/, '');
}

function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Errors are thrown; what is logged besides would be printed past everybody.
    logSeverityLevel: 4,
  };
}

function toOrt({ Tensor }: Ort, tensor: Tensor): OrtTensor {
  const { dtype, shape } = tensor;
  if (dtype === 'int32') return new Tensor(dtype, unshared(tensor.data), shape);
  if (dtype === 'uint32') return new Tensor(dtype, unshared(tensor.data), shape);
  if (dtype === 'bool') return new Tensor(dtype, unshared(tensor.data), shape);
  return new Tensor('float32', unshared(asFloat32(tensor)), shape);
}

/** ONNX Runtime refuses memory that threads share: a copy of it. */
function unshared<T extends Float32Array | Int32Array | Uint32Array | Uint8Array>(data: T): T {
  return data.buffer instanceof SharedArrayBuffer ? (data.slice() as T) : data;
}

/** A result over the very memory that it came in. @throws BackendError when it is not what the graph declares */
export function fromOrt(value: OnnxValue | undefined, { dtype, shape }: TensorType, name: string): Tensor {
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
