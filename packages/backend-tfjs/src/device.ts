// An open provider as a device. Devices share the memory of the process's one TensorFlow.js; each has its own states.
import type { Device, Node, TensorType } from '@isonet/core';
import { inTable, makeDevice } from '@isonet/core';
import { kernels } from './kernels/index.ts';
import { memoryOf } from './memory.ts';
import { executable } from './program.ts';
import type { OpenProvider } from './providers/provider.ts';

/** XNNPACK, which wasm computes with, prints an error and leaves the result undefined beyond these. */
const MAX_RANK = 6;
const hasKernel = inTable(kernels);

export function deviceOf(provider: OpenProvider): Device {
  const memory = memoryOf(provider);
  return makeDevice({
    backend: 'tfjs',
    info: provider.info,
    numerics: { float32: provider.claims },
    runtime: provider.runtime,
    options: { device: provider.info.id, ...provider.settings },
    memory,
    order: 'immediate',
    supports,
    // What is frozen changes nothing: a state keeps its filters in the layout that convolution takes anyway.
    build: ({ graph }) => executable(provider, memory, graph),
  });
}

function supports(node: Node, types: readonly TensorType[]): true | string {
  const made = 'shape' in node.attrs ? node.attrs.shape.length : 0;
  const rank = Math.max(made, ...types.map(({ shape }) => shape.length));
  if (rank > MAX_RANK) return `TensorFlow.js handles ${MAX_RANK} dimensions, not ${rank}`;
  return hasKernel(node);
}
