// An execution provider of ONNX Runtime's: listed without being started, and opened when it is asked for.
import type { AbsentDevice, Claims, DeviceInfo, Node, OpenOptions, TensorType } from '@isonet/core';
import { BackendError } from '@isonet/core';
import type { Missing } from '@isonet/native';
import type { OnnxKernels } from '@isonet/onnx/write';
import type { Runtime } from '../load.ts';
import type { SessionSettings } from '../sessions.ts';

export type ProviderId = 'cpu' | 'cuda' | 'portable' | 'wasm' | 'webgpu';

/** @typeParam R the loaded ONNX Runtime that has it: the native one, or that in WebAssembly */
export interface Provider<R = Runtime> {
  readonly id: ProviderId;
  /** What there is to open, or what is missing. It loads no more than the runtime has loaded. */
  find(runtime: R): DeviceInfo | AbsentDevice;
  /** @throws BackendError saying what is missing and what to do; `OPTION` for an option that it does not have */
  open(runtime: R, options: OpenOptions): Promise<OpenProvider>;
}

/** A provider at work. */
export interface OpenProvider {
  readonly info: DeviceInfo;
  readonly claims: Claims;
  readonly session: SessionSettings;
  /** How each op is written for it. */
  readonly table: OnnxKernels;
  /** Whether a batch is computed in chunks that fit the processor's cache, where nothing couples its images. */
  readonly inChunks: boolean;
  /** Why it does not run a node, with inputs of these types, that the table writes; undefined where it runs it. */
  readonly refuses?: (node: Node, types: readonly TensorType[]) => string | undefined;
  /** Options as they are in force, whether they were asked for or are defaults. */
  readonly settings: Readonly<Record<string, number | string | boolean>>;
  /** What decides bits, but for settings, graph and the packages' versions. */
  readonly runtime: readonly string[];
}

/** A provider that is not there, as a probe lists it. */
export function absentDevice(id: ProviderId, { reason, fix }: Missing): AbsentDevice {
  return { id, reason, fix };
}

/** The error of a provider that is not there. */
export function absence(id: ProviderId, { code, reason, fix }: Missing, cause?: unknown): BackendError {
  return new BackendError(code, `onnx "${id}": ${reason}; ${fix}`, cause === undefined ? {} : { cause });
}

/** @throws BackendError `OPTION` when TF32 is asked for */
export function checkNoTf32(id: ProviderId, { tf32 }: OpenOptions): void {
  if (tf32 !== true) return;
  throw new BackendError('OPTION', `onnx: "${id}" has no tf32, which is for NVIDIA's GPUs; open "cuda"`);
}

/** @throws BackendError `OPTION` when threads are asked for */
export function checkNoThreads(id: ProviderId, { threads }: OpenOptions): void {
  if (threads === undefined) return;
  throw new BackendError(
    'OPTION',
    `onnx: "${id}" computes on the GPU, got threads: ${threads}; leave it out, or open "cpu"`,
  );
}
