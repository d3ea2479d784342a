// The TensorFlow library, through one of TensorFlow.js's Node packages. They are the user's choice to install, and are
// looked for both beside this package and in the project that the program runs in.
import type { DeviceInfo } from '@isonet/core';
import { BackendError } from '@isonet/core';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { OpenProvider } from './providers.ts';
import { nativeBackend } from './tensorflow/native.ts';
import { tensorflow } from './tensorflow/index.ts';
import type { Tf } from './tf.ts';

type Package = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';
const cpuPackage = '@tensorflow/tfjs-node';
const gpuPackage = '@tensorflow/tfjs-node-gpu';
const VERSION = '4.22.0';
/** Those that the packages are built for; each has a folder. */
const NAPI_VERSIONS = [3, 4, 5, 6, 7, 8];

interface Library {
  readonly name: Package;
  readonly tf: Tf;
  readonly usesGpu: boolean;
  readonly version: string;
}

/** Both packages bring the same native library and register the same backend: a process can hold only one of them. */
let loaded: Library | undefined;

export function findCuda(): DeviceInfo | undefined {
  const there = loaded ? loaded.usesGpu : hasBinding(gpuPackage);
  return there ? { id: 'cuda', kind: 'gpu', text: `TensorFlow on an NVIDIA GPU (${gpuPackage})` } : undefined;
}

export function findTensorflow(): DeviceInfo | undefined {
  const there = loaded ? !loaded.usesGpu : hasBinding(cpuPackage);
  return there
    ? { id: 'tensorflow', kind: 'cpu', text: `TensorFlow on the cpu (${loaded?.name ?? cpuPackage})` }
    : undefined;
}

/** @throws BackendError too where the package is there and finds no GPU: it would compute on the cpu without a word */
export async function openCuda(): Promise<OpenProvider> {
  const library = load(gpuPackage, 'cuda');
  if (!library.usesGpu) {
    throw new BackendError(
      'NO_GPU',
      `tfjs: ${library.name} finds no GPU that it can use (driver, CUDA and cuDNN must fit TensorFlow ${library.version}); ` +
        'open "tensorflow" for its cpu',
    );
  }
  return opened(library, {
    id: 'cuda',
    kind: 'gpu',
    text: `TensorFlow ${library.version} on an NVIDIA GPU (${library.name})`,
  });
}

export async function openTensorflow(): Promise<OpenProvider> {
  const name =
    loaded?.name ??
    (entryOf(cpuPackage) === undefined && entryOf(gpuPackage) !== undefined ? gpuPackage : cpuPackage);
  const library = load(name, 'tensorflow');
  if (library.usesGpu) {
    throw new BackendError(
      'GPU_IN_USE',
      'tfjs: TensorFlow computes on the GPU in this process; open "cuda", or hide the GPU with CUDA_VISIBLE_DEVICES=-1',
    );
  }
  const where = library.name === gpuPackage ? `${gpuPackage}, which found no GPU` : cpuPackage;
  const text = `TensorFlow ${library.version} on the cpu, ${threads()} threads (${where})`;
  return opened(library, { id: 'tensorflow', kind: 'cpu', text });
}

async function opened({ name, tf, usesGpu, version }: Library, info: DeviceInfo): Promise<OpenProvider> {
  const ready = await tf.setBackend('tensorflow');
  if (!ready || tf.getBackend() !== 'tensorflow') {
    throw new BackendError('OPEN_FAILED', `tfjs: ${name} could not start TensorFlow`);
  }
  return {
    info,
    // Its threads round subnormals to zero, and its max pooling ignores NaN. The GPU has not been held to its bits.
    numerics: { float: 'float32', reproducible: !usesGpu, subnormals: false, nonFinite: false },
    tf,
    backendName: 'tensorflow',
    images: tensorflow(tf),
    fingerprint: `tfjs ${tf.version_core}, TensorFlow ${version}, ${usesGpu ? 'gpu' : `cpu, ${threads()} threads`}`,
  };
}

function load(name: Package, device: string): Library {
  if (loaded) {
    if (loaded.name === name) return loaded;
    throw new BackendError(
      'OTHER_LOADED',
      `tfjs: this process has loaded ${loaded.name}; "${device}" needs ${name}, in a process of its own`,
    );
  }
  const entry = entryOf(name);
  const install = `npm install ${name}@${VERSION}`;
  if (!entry) {
    throw new BackendError(
      'NOT_INSTALLED',
      `tfjs: "${device}" needs the package ${name}, which is not installed; ${install}`,
    );
  }
  if (!hasBinding(name)) {
    throw new BackendError(
      'NO_BINDING',
      `tfjs: ${name} has no native binding (its install script did not run, or its download failed); ` +
        `npm rebuild ${name} --build-addon-from-source`,
    );
  }
  loaded = required(name, entry);
  return loaded;
}

function required(name: Package, entry: string): Library {
  prepareEnvironment();
  const require = createRequire(import.meta.url);
  restoreUtil(require('node:util') as Record<string, unknown>);
  try {
    const tf = require(entry) as Tf;
    tf.enableProdMode();
    const { isUsingGpuDevice, binding } = nativeBackend(tf);
    return { name, tf, usesGpu: isUsingGpuDevice, version: binding.TF_Version };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new BackendError('LOAD_FAILED', `tfjs: ${name} does not load: ${reason}; npm rebuild ${name}`, {
      cause,
    });
  }
}

/** What the library reads once, when it is loaded. What the user has set stays. */
function prepareEnvironment(): void {
  const { env } = process;
  env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'; // Warnings are about how TensorFlow was compiled.
  env['TF_NUM_INTRAOP_THREADS'] ??= String(availableParallelism()); // The order of sums depends on it.
  env['NVIDIA_TF32_OVERRIDE'] ??= '0'; // float32 means float32.
  env['TF_ENABLE_WINOGRAD_NONFUSED'] ??= '0'; // Its transforms lose a digit, and whole numbers are no longer exact.
  env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'; // Others use the card, too.
}

function threads(): string {
  return process.env['TF_NUM_INTRAOP_THREADS'] ?? '?';
}

/** Functions that tfjs-node calls and that Node 23 removed. */
function restoreUtil(util: Record<string, unknown>): void {
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}

/** The file that requiring the package loads, from here or else from the project in the working directory. */
function entryOf(name: Package): string | undefined {
  for (const from of [() => import.meta.url, () => join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from()).resolve(name);
    } catch {
      // Not there.
    }
  }
  return undefined;
}

/** Whether the package has been built or downloaded; installing it says nothing about that. */
function hasBinding(name: Package): boolean {
  const entry = entryOf(name);
  return NAPI_VERSIONS.some(
    (napi) => entry && existsSync(join(dirname(entry), '..', 'lib', `napi-v${napi}`, 'tfjs_binding.node')),
  );
}
