// Refuses what an adapter cannot hold before anything runs: WebGPU binds a tensor whole or not at all.
import type { Graph, Refusal, TensorType, ValueId } from '@isonet/core';
import { sizeOf, typeOf, typeText, UnsupportedOpError } from '@isonet/core';
import type { Limits } from './adapters/gpu.ts';
import type { Dispatch } from './kernels/kernel.ts';

/** In a message; the error lists all. */
const MOST_TOLD = 3;

/** The reason why a tensor does not fit, or undefined when it does. */
export function tooLarge(type: TensorType, limits: Limits): string | undefined {
  return reasonFor(`${typeText(type)} takes`, 4 * sizeOf(type.shape), limits);
}

/** The reason why a kernel's temporaries do not fit, or undefined when they do. */
export function temporariesTooLarge(dispatches: readonly Dispatch[], limits: Limits): string | undefined {
  const writes = dispatches.flatMap((dispatch) => dispatch.writes);
  const reasons = writes.map((write) =>
    write.of === 'temporary' ? reasonFor('a temporary takes', write.bytes, limits) : undefined,
  );
  return reasons.find((reason) => reason !== undefined);
}

/**
 * Checks what no node may have been asked about: inputs, state, constants, and all outputs as they are read, in one buffer.
 * @throws UnsupportedOpError listing all that does not fit
 */
export function requireFit(graph: Graph, outputBytes: number, limits: Limits): void {
  const reasonAt = (value: ValueId): string | undefined => tooLarge(typeOf(graph, value), limits);
  const refusals: readonly Refusal[] = [
    ...graph.inputs.map(({ name, value }) => ['input', `input "${name}"`, reasonAt(value)] as const),
    ...graph.state.map(({ name, value }) => ['state', `state "${name}"`, reasonAt(value)] as const),
    ...graph.constants.map(({ value }) => ['constant', `constant %${value}`, reasonAt(value)] as const),
    ['output', 'outputs', reasonFor('together they take', outputBytes, limits)] as const,
  ].flatMap(([op, node, reason]) => (reason === undefined ? [] : [{ node, op, reason, limit: 'size' }]));
  if (refusals.length === 0) return;
  const told = refusals.slice(0, MOST_TOLD).map(({ node, reason }) => `${node}: ${reason}`);
  if (refusals.length > MOST_TOLD) told.push(`and ${refusals.length - MOST_TOLD} more`);
  throw new UnsupportedOpError(`${graph.name}: ${told.join('; ')}`, refusals);
}

function reasonFor(taking: string, bytes: number, limits: Limits): string | undefined {
  // Kernels count values in 32 bits.
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize, 2 ** 32 - 4);
  if (bytes <= most) return undefined;
  return `${taking} ${mebibytes(bytes)} on the device, this adapter binds at most ${mebibytes(most)}; use a smaller batch`;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
