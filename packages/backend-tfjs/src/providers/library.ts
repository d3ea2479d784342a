// Loads the TensorFlow library through one of TensorFlow.js's Node packages, which are optional.
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
  /** The settings that it was loaded with. The library reads both only once. */
  readonly threads: string;
  readonly tf32: boolean;
  /** The variables that select kernels, as they were when it was loaded: `TF_ENABLE_ONEDNN_OPTS=0`, ... */
  readonly environment: readonly string[];
  /** The packages of CUDA and cuDNN that are installed with the library, with their versions. */
  readonly cudaPackages: readonly string[];
}

/** Both packages contain the same native library and register the same backend, so a process can load only one of them. */
let loaded: Library | undefined;

export function loadedLibrary(): Library | undefined {
  return loaded;
}

/**
 * Loads the library, or returns the loaded one.
 * @throws BackendError if the library does not load; `OPTION` if it was loaded with another number of threads
 */
export function load(name: Package, device: string, options: OpenOptions): Library {
  if (!loaded) {
    loaded = required(name, installed(name, device), options);
    return loaded;
  }
  if (loaded.name !== name) {
    throw new BackendError(
      'OTHER_LOADED',
      `tfjs: this process has loaded ${loaded.name}; open "${device}", which needs ${name}, in a separate process`,
    );
  }
  if (options.threads !== undefined && String(options.threads) !== loaded.threads) {
    throw settingError(device, `threads: ${loaded.threads}`, `threads: ${options.threads}`);
  }
  return loaded;
}

/** Checks the setting of TF32. @throws BackendError `OPTION` if the library was loaded with another setting */
export function checkTf32(
  { tf32: loadedWith }: Library,
  device: string,
  { tf32 = false }: OpenOptions,
): void {
  if (tf32 !== loadedWith) throw settingError(device, `tf32: ${loadedWith}`, `tf32: ${tf32}`);
}

function settingError(device: string, loadedWith: string, requested: string): BackendError {
  return new BackendError(
    'OPTION',
    `tfjs: this process has loaded TensorFlow with ${loadedWith}; open "${device}" with ${requested} in a separate process`,
  );
}

/** Finds the installed package. @throws BackendError if it is missing, or has no binding */
function installed(name: Package, device: string): Place {
  const place = find(name);
  const lack = lackOf(name, place);
  if (place !== undefined && lack === undefined) return place;
  const code = place === undefined ? 'NOT_INSTALLED' : 'NO_BINDING';
  throw new BackendError(code, `tfjs: "${device}" needs ${lack}; ${fixFor(formOf(name))}`);
}

/** Returns what a package lacks, phrased to follow "it needs"; undefined if it can be loaded. */
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
    const remove = folder === undefined ? `run npm uninstall ${name}` : `remove ${folder}`;
    throw new BackendError(
      'LOAD_FAILED',
      `tfjs: ${name} does not load: ${reason}; ${remove}, then ${fixFor(formOf(name))}`,
      { cause },
    );
  }
}

/**
 * Sets the environment variables that the library reads once, when it loads. Variables that the user has set are kept, unless an
 * option overrides them. Only the option controls TF32.
 * @returns the number of threads
 */
function prepareEnvironment({ threads, tf32 }: OpenOptions): string {
  const { env } = process;
  // The number of threads is always set, because the order of sums depends on it.
  const count = threads?.toString() ?? env[THREADS] ?? availableParallelism().toString();
  env[THREADS] = count;
  if (tf32 === true) delete env[TF32];
  else env[TF32] = '0'; // keeps float32 products in float32
  env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'; // hides warnings about how TensorFlow was compiled
  env[WINOGRAD] ??= '0'; // Winograd transforms lose a digit, so that even integers are no longer exact
  env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'; // leaves GPU memory for other programs
  return count;
}

/** Restores the functions of node:util that tfjs-node calls and that Node 23 removed. */
function restoreUtil(util: Record<string, unknown>): void {
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}
