// ONNX Runtime's cpu provider as a device. It computes on the thread that asks, so runs are queued.
import type { Claims, Device, DeviceInfo } from '@isonet/core';
import { hostMemory, makeDevice } from '@isonet/core';
import { supports, version as onnxVersion } from '@isonet/onnx/write';
import type { ProgramParts } from './program.ts';
import { buildProgram } from './program.ts';
import type { Runtime } from './runtime/load.ts';
import { version } from './version.ts';

/**
 * Infinities and NaN are IEEE's in arithmetic. ReduceMax drops NaN, and so does MaxPool, which moreover gives -3.4e38 for some
 * windows of nothing but -Infinity: it depends on where in the image they lie.
 */
const claims: Claims = {
  heldAs: 'float32',
  reproducible: true,
  subnormals: true,
  nonFinite: true,
  maxima: { max: 'all', reduceMax: 'infinities', maxPool2d: 'none' },
};

export function deviceOver(parts: ProgramParts): Device {
  const { runtime, threads, table } = parts;
  const info = infoOf(runtime, threads);
  return makeDevice({
    backend: 'onnx',
    info,
    numerics: { float32: claims },
    // The operators order sums; the library, its threads and the processor pick the kernels that do.
    runtime: [
      `@isonet/backend-onnx ${version}`,
      `@isonet/onnx ${onnxVersion}`,
      runtime.platform,
      info.text,
      ...runtime.features,
    ].join(', '),
    options: { device: info.id, threads },
    // The host's, where the provider computes: what a run gives becomes what the next is fed, without a copy.
    memory: hostMemory('float32'),
    order: 'queued',
    supports: (node) => supports(node, table),
    build: (request) => buildProgram(parts, request),
  });
}

export function infoOf({ version: release, processor }: Runtime, threads: number): DeviceInfo {
  const count = threads === 1 ? '1 thread' : `${threads} threads`;
  return { id: 'cpu', kind: 'cpu', text: `ONNX Runtime ${release}, ${count}, ${processor}` };
}
