// The interface of an execution provider of ONNX Runtime. It is listed without being started, and opened on demand.
import type { AbsentDevice, Claims, DeviceInfo, Node, OpenOptions, TensorType } from '@isonet/core';
import { BackendError } from '@isonet/core';
import type { Missing } from '@isonet/native';
import type { OnnxKernels } from '@isonet/onnx/write';
import type { Runtime } from '../load.ts';
import type { SessionSettings } from '../sessions.ts';

export type ProviderId = 'cpu' | 'cuda' | 'portable' | 'wasm' | 'webgpu';

/** A provider. @typeParam R the loaded ONNX Runtime that contains it: native, or in WebAssembly */
export interface Provider<R = Runtime> {
  readonly id: ProviderId;
  /** Returns the device that can be opened, or what is missing. It loads nothing beyond the runtime. */
  find(runtime: R): DeviceInfo | AbsentDevice;
  /**
   * Opens the provider.
   * @throws BackendError that names what is missing and the fix; `OPTION` for an unsupported option
   */
  open(runtime: R, options: OpenOptions): Promise<OpenProvider>;
}

/** An open provider. */
export interface OpenProvider {
  readonly info: DeviceInfo;
  readonly claims: Claims;
  readonly session: SessionSettings;
  /** The kernel table for the provider. */
  readonly table: OnnxKernels;
  /** Whether a batch is computed in chunks that fit the processor's cache, if the graph does not couple its images. */
  readonly inChunks: boolean;
  /**
   * Returns why the provider cannot run a node with these input types, although the table supports the node;
   * undefined if it can.
   */
  readonly refuses?: (node: Node, types: readonly TensorType[]) => string | undefined;
  /** The options in force, whether they were requested or are defaults. */
  readonly settings: Readonly<Record<string, number | string | boolean>>;
  /** Everything that affects bits, except the settings, the graph and the packages' versions. */
  readonly runtime: readonly string[];
}

/** Returns the entry of a missing provider in a probe. */
export function absentDevice(id: ProviderId, { reason, fix }: Missing): AbsentDevice {
  return { id, reason, fix };
}

/** Returns the error of a missing provider. */
export function absenceError(id: ProviderId, { code, reason, fix }: Missing, cause?: unknown): BackendError {
  return new BackendError(code, `onnx "${id}": ${reason}; ${fix}`, cause === undefined ? {} : { cause });
}

/** Checks that TF32 is not requested. @throws BackendError `OPTION` if it is */
export function checkNoTf32(id: ProviderId, { tf32 }: OpenOptions): void {
  if (tf32 !== true) return;
  throw new BackendError(
    'OPTION',
    `onnx: "${id}" does not support tf32, which needs an NVIDIA GPU; open "cuda"`,
  );
}

/** Checks that no number of threads is requested. @throws BackendError `OPTION` if one is */
export function checkNoThreads(id: ProviderId, { threads }: OpenOptions): void {
  if (threads === undefined) return;
  throw new BackendError(
    'OPTION',
    `onnx: "${id}" computes on the GPU, got threads: ${threads}; omit the option, or open "cpu"`,
  );
}
