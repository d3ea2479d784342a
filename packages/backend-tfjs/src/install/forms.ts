// The two forms of the TensorFlow library that can be installed, for the cpu and for CUDA 12: what each is made of, and where
// it is kept unless another folder is named.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The version of TensorFlow.js's Node packages, of which the rest of this backend knows what it does. */
export const TFJS = '4.22.0';
/** The version of the library. Newer wheels build, too; this one has run the conformance suite. */
export const TENSORFLOW = '2.18.1';

/** TensorFlow.js's Node packages. Each brings a binding of its own, for the same backend. */
export type Package = '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu';

export interface Form {
  /** What a user asks for. */
  readonly flag: '' | ' --cuda';
  readonly package: Package;
  /** The package on PyPI whose wheel holds the library. */
  readonly wheel: string;
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
  wheel: 'tensorflow-cpu',
  folder: `tensorflow-${TENSORFLOW}-cpu`,
  size: '1 GB',
  room: 1.5e9,
};

export const cudaForm: Form = {
  flag: ' --cuda',
  package: '@tensorflow/tfjs-node-gpu',
  wheel: 'tensorflow',
  folder: `tensorflow-${TENSORFLOW}-cuda12`,
  size: '4.4 GB',
  room: 7e9,
};

export function formOf(name: Package): Form {
  return name === cpuForm.package ? cpuForm : cudaForm;
}

/**
 * What a user runs to get the form, e.g. `npx -p @isonet/backend-tfjs isonet-tensorflow --cuda`. It names our package, because npx looks
 * a command that is not installed up on npm, where anyone can take its name.
 */
export function commandFor({ flag }: Form): string {
  return `npx -p @isonet/backend-tfjs isonet-tensorflow${flag}`;
}

/** Where the form is kept; undefined for a user without a home, as in a container that runs under any number. */
export function defaultFolder({ folder }: Form): string | undefined {
  const cache = userCache();
  return cache === undefined ? undefined : join(cache, 'isonet', folder);
}

/** https://specifications.freedesktop.org/basedir-spec: a relative path is to be ignored. */
function userCache(): string | undefined {
  const xdg = process.env['XDG_CACHE_HOME'];
  if (xdg !== undefined && isAbsolute(xdg)) return xdg;
  try {
    const home = homedir();
    return isAbsolute(home) ? join(home, '.cache') : undefined;
  } catch {
    return undefined;
  }
}
