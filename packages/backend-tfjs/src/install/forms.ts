// The two forms of the TensorFlow library that can be installed, for the cpu and for CUDA 12: what each is made of, and where
// it is kept unless another folder is named.
import { join } from 'node:path';
import { userCache } from '@isonet/native';
import type { Wheel } from './pins.ts';
import { cpuWheel, cudaLibraries, cudaWheel, TENSORFLOW } from './pins.ts';

/** The version of TensorFlow.js's Node packages, of which the rest of this backend knows what it does. */
export const TFJS = '4.22.0';

/** TensorFlow.js's Node packages. Each brings a binding of its own, for the same backend. */
export type Package = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';

export interface Form {
  /** What a user asks for. */
  readonly flag: '' | ' --cuda';
  readonly package: Package;
  /** Holds the library. */
  readonly wheel: Wheel;
  /** What the library needs besides. */
  readonly libraries: readonly Wheel[];
  /** Its name within the user's cache. */
  readonly folder: string;
  /** What stays on the disk, for people. */
  readonly size: string;
  /** What it takes on the disk while it is built, in bytes. */
  readonly room: number;
}

export const cpuForm: Form = {
  flag: '',
  package: '@tensorflow/tfjs-node',
  wheel: cpuWheel,
  libraries: [],
  folder: `tensorflow-${TENSORFLOW}-cpu`,
  size: '1 GB',
  room: 1.5e9,
};

export const cudaForm: Form = {
  flag: ' --cuda',
  package: '@tensorflow/tfjs-node-gpu',
  wheel: cudaWheel,
  libraries: cudaLibraries,
  folder: `tensorflow-${TENSORFLOW}-cuda12`,
  size: '4.4 GB',
  room: 7e9,
};

export function formOf(name: Package): Form {
  return name === cpuForm.package ? cpuForm : cudaForm;
}

/**
 * What a user runs to get the form, e.g. `npx -p @isonet/backend-tfjs isonet-tensorflow --cuda`. It names our package, because
 * npx looks up an uninstalled command on npm, where anyone can take its name.
 */
export function commandFor({ flag }: Form): string {
  return `npx -p @isonet/backend-tfjs isonet-tensorflow${flag}`;
}

/** Where the form is kept; undefined for a user without a home, as in a container that runs under any number. */
export function defaultFolder({ folder }: Form): string | undefined {
  const cache = userCache();
  return cache === undefined ? undefined : join(cache, 'isonet', folder);
}
