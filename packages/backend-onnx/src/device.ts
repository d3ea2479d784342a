// The device on an execution provider of ONNX Runtime. It computes on the calling thread, so runs are queued.
import type { Device } from '@isonet/core';
import { hostMemory, makeDevice } from '@isonet/core';
import { supports, version as onnxVersion } from '@isonet/onnx/write';
import { buildProgram } from './program.ts';
import type { OpenProvider } from './runtime/providers/provider.ts';
import type { Sessions } from './runtime/sessions.ts';
import { version } from './version.ts';

export function deviceOver(runtime: Sessions, provider: OpenProvider): Device {
  const { info, claims, session, table, inChunks, refuses, settings } = provider;
  return makeDevice({
    backend: 'onnx',
    info,
    numerics: { float32: claims },
    // The order of sums depends on the operators, and on the kernels that the library and the provider select.
    runtime: [
      `@isonet/backend-onnx ${version}`,
      `@isonet/onnx ${onnxVersion}`,
      runtime.platform,
      ...provider.runtime,
    ].join(', '),
    options: { device: info.id, ...settings },
    // Host memory: the results of a run feed the next run without a copy. A GPU's provider copies them in both directions.
    memory: hostMemory('float32'),
    order: 'queued',
    supports: (node, types) => refuses?.(node, types) ?? supports(node, table),
    build: (request) => buildProgram({ runtime, session, table, inChunks }, request),
  });
}
