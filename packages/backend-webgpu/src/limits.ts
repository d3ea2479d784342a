// Rejects graphs that exceed the adapter's limits before anything runs: WebGPU can bind only whole tensors.
import type { Graph, Refusal, TensorType, ValueId } from '@isonet/core';
import { sizeOf, typeOf, typeText, UnsupportedOpError } from '@isonet/core';
import type { Limits } from './adapters/gpu.ts';
import type { Dispatch } from './kernels/kernel.ts';

/** The maximum number of refusals in a message. The error's `refusals` lists all of them. */
const MAX_IN_MESSAGE = 3;

/** Returns the reason why a tensor does not fit, or undefined if it fits. */
export function tooLarge(type: TensorType, limits: Limits): string | undefined {
  return reasonFor(`${typeText(type)} takes`, 4 * sizeOf(type.shape), limits);
}

/** Returns the reason why a kernel's temporaries do not fit, or undefined if they fit. */
export function temporariesTooLarge(dispatches: readonly Dispatch[], limits: Limits): string | undefined {
  const writes = dispatches.flatMap((dispatch) => dispatch.writes);
  const reasons = writes.map((write) =>
    write.of === 'temporary' ? reasonFor('a temporary takes', write.bytes, limits) : undefined,
  );
  return reasons.find((reason) => reason !== undefined);
}

/**
 * Checks the values that the nodes' support checks may not have covered: inputs, state, constants, and all outputs
 * together, which are read through one buffer.
 * @throws UnsupportedOpError that lists everything that does not fit
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
  const reasons = refusals.slice(0, MAX_IN_MESSAGE).map(({ node, reason }) => `${node}: ${reason}`);
  if (refusals.length > MAX_IN_MESSAGE) reasons.push(`and ${refusals.length - MAX_IN_MESSAGE} more`);
  throw new UnsupportedOpError(`${graph.name}: ${reasons.join('; ')}`, refusals);
}

function reasonFor(subject: string, bytes: number, limits: Limits): string | undefined {
  // Kernels index elements with 32 bits.
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize, 2 ** 32 - 4);
  if (bytes <= most) return undefined;
  return `${subject} ${mebibytes(bytes)} on the device, but this adapter binds at most ${mebibytes(most)}; use a smaller batch`;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
