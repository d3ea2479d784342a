// The TensorFlow library, through one of TensorFlow.js's Node packages, which are the user's choice to install.
import type { OpenOptions } from '@isonet/core';
import { BackendError, messageOf } from '@isonet/core';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type { Package } from '../install/forms.ts';
import { formOf } from '../install/forms.ts';
import { nativeBackend } from '../tensorflow/native.ts';
import type { Tf } from '../tf.ts';
import type { Place } from './places.ts';
import { cudaPackages, find, fixFor, FOLDER, namedFolder } from './places.ts';

const THREADS = 'TF_NUM_INTRAOP_THREADS';
const TF32 = 'NVIDIA_TF32_OVERRIDE';
const WINOGRAD = 'TF_ENABLE_WINOGRAD_NONFUSED';
const ONEDNN = 'TF_ENABLE_ONEDNN_OPTS';

export interface Library {
  readonly name: Package;
  readonly tf: Tf;
  readonly usesGpu: boolean;
  readonly version: string;
  /** What it was loaded with; it reads both once. */
  readonly threads: string;
  readonly tf32: boolean;
  /** `TF_ENABLE_ONEDNN_OPTS=0`, ...: variables that choose kernels, as they were when it was loaded. */
  readonly environment: readonly string[];
  /** Of CUDA and cuDNN, with their versions, as far as they come with the library. */
  readonly cudaPackages: readonly string[];
}

/** Both packages bring the same native library and register the same backend: a process can hold only one of them. */
let loaded: Library | undefined;

export function loadedLibrary(): Library | undefined {
  return loaded;
}

/** @throws BackendError saying why it does not load; `OPTION` when it was loaded with another number of threads */
export function load(name: Package, device: string, options: OpenOptions): Library {
  if (!loaded) {
    loaded = required(name, installed(name, device), options);
    return loaded;
  }
  if (loaded.name !== name) {
    throw new BackendError(
      'OTHER_LOADED',
      `tfjs: this process has loaded ${loaded.name}; "${device}" needs ${name}, in a process of its own`,
    );
  }
  if (options.threads !== undefined && String(options.threads) !== loaded.threads) {
    throw fixed(device, `threads: ${loaded.threads}`, `threads: ${options.threads}`);
  }
  return loaded;
}

/** @throws BackendError `OPTION` when the library was loaded with another setting */
export function checkTf32(
  { tf32: loadedWith }: Library,
  device: string,
  { tf32 = false }: OpenOptions,
): void {
  if (tf32 !== loadedWith) throw fixed(device, `tf32: ${loadedWith}`, `tf32: ${tf32}`);
}

function fixed(device: string, loadedWith: string, asked: string): BackendError {
  return new BackendError(
    'OPTION',
    `tfjs: this process has loaded TensorFlow with ${loadedWith}; "${device}" with ${asked} needs a process of its own`,
  );
}

/** @throws BackendError where it is missing, or has no binding */
function installed(name: Package, device: string): Place {
  const place = find(name);
  const lack = lackOf(name, place);
  if (place !== undefined && lack === undefined) return place;
  const code = place === undefined ? 'NOT_INSTALLED' : 'NO_BINDING';
  throw new BackendError(code, `tfjs: "${device}" needs ${lack}; ${fixFor(formOf(name))}`);
}

/** What is missing of a package, as the end of a sentence; undefined where it may be loaded. */
export function lackOf(name: Package, place: Place | undefined = find(name)): string | undefined {
  if (place === undefined) {
    const named = namedFolder();
    const where = named ? `not in ${named}, the folder that ${FOLDER} names` : 'not installed';
    return `the package ${name}, which is ${where}`;
  }
  if (place.hasBinding) return undefined;
  return `the native binding of ${name}, which was not built (its install script did not run, or its download failed)`;
}

function required(name: Package, place: Place, options: OpenOptions): Library {
  const threads = prepareEnvironment(options);
  const environment = [WINOGRAD, ONEDNN].map((key) => `${key}=${process.env[key] ?? 'unset'}`);
  const require = createRequire(import.meta.url);
  restoreUtil(require('node:util') as Record<string, unknown>);
  try {
    const tf = require(place.entry) as Tf;
    tf.enableProdMode();
    const { isUsingGpuDevice, binding } = nativeBackend(tf);
    const tf32 = options.tf32 === true;
    return {
      name,
      tf,
      usesGpu: isUsingGpuDevice,
      version: binding.TF_Version,
      threads,
      tf32,
      environment,
      cudaPackages: cudaPackages(place),
    };
  } catch (cause) {
    const [reason] = messageOf(cause).split('\n');
    const { folder } = place;
    const remove = folder === undefined ? `npm uninstall ${name}` : `remove ${folder}`;
    throw new BackendError(
      'LOAD_FAILED',
      `tfjs: ${name} does not load: ${reason}; ${remove}, then ${fixFor(formOf(name))}`,
      { cause },
    );
  }
}

/**
 * What the library reads once, when it is loaded. What the user has set stays, unless an option says otherwise; TF32 is
 * for the option alone.
 * @returns its number of threads
 */
function prepareEnvironment({ threads, tf32 }: OpenOptions): string {
  const { env } = process;
  // The order of sums depends on it.
  const count = threads?.toString() ?? env[THREADS] ?? availableParallelism().toString();
  env[THREADS] = count;
  if (tf32 === true) delete env[TF32];
  else env[TF32] = '0'; // float32 means float32.
  env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'; // Warnings are about how TensorFlow was compiled.
  env[WINOGRAD] ??= '0'; // Its transforms lose a digit, and whole numbers are no longer exact.
  env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'; // Others use the card, too.
  return count;
}

/** Functions that tfjs-node calls and that Node 23 removed. */
function restoreUtil(util: Record<string, unknown>): void {
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}
