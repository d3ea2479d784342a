// A provider: one thing that can compute, found without loading it and opened when it is asked for.
import type { AbsentDevice, Claims, DeviceInfo, OpenOptions } from '@isonet/core';
import { BackendError } from '@isonet/core';
import type { ImageKernels } from '../context.ts';
import { commandFor, cpuForm } from '../install/forms.ts';
import type { BackendName, Tf } from '../tf.ts';
import { version } from '../version.ts';

export type ProviderId = 'cuda' | 'tensorflow' | 'wasm' | 'cpu';

export interface Provider {
  readonly id: ProviderId;
  /** What there would be to open, or what is missing. It loads nothing, so that opening may fail all the same. */
  find(): DeviceInfo | AbsentDevice;
  /** @throws BackendError saying what is missing and what to do; `OPTION` for an option that it does not have */
  open(options: OpenOptions): Promise<OpenProvider>;
}

/** Options as they are in force, whether they were asked for or are defaults. */
export interface Settings {
  readonly threads: number;
  readonly tf32: boolean;
}

/** The only settings of a provider without a library. */
export const plainSettings: Settings = { threads: 1, tf32: false };

/** A provider at work. Several share one copy of TensorFlow.js, whose current backend is a setting of the whole process. */
export interface OpenProvider {
  readonly info: DeviceInfo;
  readonly claims: Claims;
  readonly tf: Tf;
  readonly backendName: BackendName;
  readonly images: ImageKernels;
  readonly settings: Settings;
  /** All that decides bits, but for settings, graph and kernels. */
  readonly runtime: string;
}

/** E.g. `@isonet/backend-tfjs 1.2.3, TensorFlow.js 4.22.0, ...` */
export function runtimeText(tf: Tf, ...parts: readonly string[]): string {
  return [`@isonet/backend-tfjs ${version}`, `TensorFlow.js ${tf.version_core}`, ...parts].join(', ');
}

/** @throws BackendError `OPTION` when more threads are asked for than the one that it has */
export function checkOneThread(id: ProviderId, { threads }: OpenOptions): void {
  if (threads === undefined || threads === 1) return;
  throw new BackendError(
    'OPTION',
    `tfjs: "${id}" has one thread, got threads: ${threads}; for more, open "tensorflow", which ${commandFor(cpuForm)} installs`,
  );
}

/** @throws BackendError `OPTION` when TF32 is asked for */
export function checkNoTf32(id: ProviderId, { tf32 }: OpenOptions): void {
  if (tf32 !== true) return;
  throw new BackendError('OPTION', `tfjs: "${id}" has no tf32, which is for NVIDIA's GPUs; open "cuda"`);
}
