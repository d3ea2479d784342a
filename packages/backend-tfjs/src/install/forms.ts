// The two forms of the TensorFlow library that can be installed, for the CPU and for CUDA 12: their parts and their default folders.
import { join } from 'node:path';
import { userCache } from '@isonet/native';
import type { Wheel } from './pins.ts';
import { cpuWheel, cudaLibraries, cudaWheel, TENSORFLOW } from './pins.ts';

/** The version of TensorFlow.js's Node packages. The rest of this backend relies on its behavior. */
export const TFJS = '4.22.0';

/** TensorFlow.js's Node packages. Each has its own binding, for the same backend. */
export type Package = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';

export interface Form {
  /** The flag that selects the form. */
  readonly flag: '' | ' --cuda';
  readonly package: Package;
  /** The wheel that contains the library. */
  readonly wheel: Wheel;
  /** The wheels of the libraries that TensorFlow needs. */
  readonly libraries: readonly Wheel[];
  /** The name of the folder in the user's cache. */
  readonly folder: string;
  /** The size on disk after the installation, for messages. */
  readonly size: string;
  /** The size on disk during the build, in bytes. */
  readonly buildBytes: number;
}

export const cpuForm: Form = {
  flag: '',
  package: '@tensorflow/tfjs-node',
  wheel: cpuWheel,
  libraries: [],
  folder: `tensorflow-${TENSORFLOW}-cpu`,
  size: '1 GB',
  buildBytes: 1.5e9,
};

export const cudaForm: Form = {
  flag: ' --cuda',
  package: '@tensorflow/tfjs-node-gpu',
  wheel: cudaWheel,
  libraries: cudaLibraries,
  folder: `tensorflow-${TENSORFLOW}-cuda12`,
  size: '4.4 GB',
  buildBytes: 7e9,
};

export function formOf(name: Package): Form {
  return name === cpuForm.package ? cpuForm : cudaForm;
}

/**
 * Returns the command that installs the form, e.g. `npx -p @isonet/backend-tfjs isonet-tensorflow --cuda`. It names the package,
 * because npx looks up the name of an uninstalled command on npm, where anyone could have registered it.
 */
export function commandFor({ flag }: Form): string {
  return `npx -p @isonet/backend-tfjs isonet-tensorflow${flag}`;
}

/**
 * Returns the default folder of the form; undefined if the user has no home folder, for example in a container that
 * runs under an arbitrary user id.
 */
export function defaultFolder({ folder }: Form): string | undefined {
  const cache = userCache();
  return cache === undefined ? undefined : join(cache, 'isonet', folder);
}
