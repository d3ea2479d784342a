// The device on an open provider. Devices share the memory of the process's single copy of TensorFlow.js; each has its own states.
import type { Device, Node, TensorType } from '@isonet/core';
import { inTable, makeDevice } from '@isonet/core';
import { kernels } from './kernels/index.ts';
import { memoryOf } from './memory.ts';
import { executable } from './program.ts';
import type { OpenProvider } from './providers/provider.ts';

/** With more dimensions XNNPACK, the library under wasm, prints an error and leaves the result undefined. */
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
    // Frozen state has no effect: a state already keeps its filters in the layout that convolutions need.
    build: ({ graph }) => executable(provider, memory, graph),
  });
}

function supports(node: Node, types: readonly TensorType[]): true | string {
  const resultRank = 'shape' in node.attrs ? node.attrs.shape.length : 0;
  const rank = Math.max(resultRank, ...types.map(({ shape }) => shape.length));
  if (rank > MAX_RANK) return `TensorFlow.js supports at most ${MAX_RANK} dimensions, got ${rank}`;
  return hasKernel(node);
}
