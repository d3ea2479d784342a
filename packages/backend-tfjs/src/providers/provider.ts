// The interface of a provider: an implementation that is detected without being loaded, and opened on demand.
import type { AbsentDevice, Claims, DeviceInfo, OpenOptions } from '@isonet/core';
import { BackendError } from '@isonet/core';
import type { ImageKernels } from '../context.ts';
import { commandFor, cpuForm } from '../install/forms.ts';
import type { BackendName, Tf } from '../tf.ts';
import { version } from '../version.ts';

export type ProviderId = 'cuda' | 'tensorflow' | 'wasm' | 'cpu';

export interface Provider {
  readonly id: ProviderId;
  /** Returns the device that can be opened, or what is missing. It loads nothing, so opening may still fail. */
  find(): DeviceInfo | AbsentDevice;
  /**
   * Opens the provider.
   * @throws BackendError that names what is missing and the fix; `OPTION` for an unsupported option
   */
  open(options: OpenOptions): Promise<OpenProvider>;
}

/** The options in force, whether they were requested or are defaults. */
export interface Settings {
  readonly threads: number;
  readonly tf32: boolean;
}

/** The only possible settings of wasm and cpu. */
export const plainSettings: Settings = { threads: 1, tf32: false };

/** An open provider. Several share one copy of TensorFlow.js, whose current backend is a process-wide setting. */
export interface OpenProvider {
  readonly info: DeviceInfo;
  readonly claims: Claims;
  readonly tf: Tf;
  readonly backendName: BackendName;
  readonly images: ImageKernels;
  readonly settings: Settings;
  /** Everything that affects bits, except the settings, the graph and the kernels. */
  readonly runtime: string;
}

/** Builds the runtime text, e.g. `@isonet/backend-tfjs 1.2.3, TensorFlow.js 4.22.0, ...` */
export function runtimeText(tf: Tf, ...parts: readonly string[]): string {
  return [`@isonet/backend-tfjs ${version}`, `TensorFlow.js ${tf.version_core}`, ...parts].join(', ');
}

/** Checks that at most one thread is requested. @throws BackendError `OPTION` for more */
export function checkOneThread(id: ProviderId, { threads }: OpenOptions): void {
  if (threads === undefined || threads === 1) return;
  throw new BackendError(
    'OPTION',
    `tfjs: "${id}" has one thread, got threads: ${threads}; for more, run ${commandFor(cpuForm)} and open "tensorflow"`,
  );
}

/** Checks that TF32 is not requested. @throws BackendError `OPTION` if it is */
export function checkNoTf32(id: ProviderId, { tf32 }: OpenOptions): void {
  if (tf32 !== true) return;
  throw new BackendError(
    'OPTION',
    `tfjs: "${id}" does not support tf32, which needs an NVIDIA GPU; open "cuda"`,
  );
}
