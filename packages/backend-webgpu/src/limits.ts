// Refuses what an adapter cannot hold before anything runs: WebGPU binds a tensor whole or not at all.
import type { Graph, TensorType } from '@isonet/core';
import { BackendError, sizeOf, typesOf, typeText } from '@isonet/core';
import type { Limits } from './adapters/gpu.ts';
import type { Dispatch } from './kernels/kernel.ts';

/** The reason why a tensor does not fit, or undefined when it does. */
export function tooLarge(type: TensorType, limits: Limits): string | undefined {
  return refusal(typeText(type), 4 * sizeOf(type.shape), limits);
}

/** The reason why a kernel's temporaries do not fit, or undefined when they do. */
export function temporariesTooLarge(dispatches: readonly Dispatch[], limits: Limits): string | undefined {
  const writes = dispatches.flatMap((dispatch) => dispatch.writes);
  const reasons = writes.map((write) =>
    write.of === 'temporary' ? refusal('a temporary', write.bytes, limits) : undefined,
  );
  return reasons.find((reason) => reason !== undefined);
}

/**
 * Checks what no node may have been asked about: inputs, state, constants, and all outputs as they are read, in one buffer.
 * @throws BackendError naming the first that does not fit
 */
export function requireFit(graph: Graph, outputBytes: number, limits: Limits): void {
  const values = [...graph.inputs, ...graph.state, ...graph.constants].map(({ value }) => value);
  const reasons = [
    ...typesOf(graph, values).map((type) => tooLarge(type, limits)),
    refusal('the outputs together', outputBytes, limits),
  ];
  const reason = reasons.find((entry) => entry !== undefined);
  if (reason !== undefined) throw new BackendError('TOO_LARGE', `${graph.name}: ${reason}`);
}

function refusal(what: string, bytes: number, limits: Limits): string | undefined {
  // Kernels count values in 32 bits.
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize, 2 ** 32 - 4);
  if (bytes <= most) return undefined;
  return `${what} takes ${mebibytes(bytes)} on the device, this adapter binds at most ${mebibytes(most)}; use a smaller batch`;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
