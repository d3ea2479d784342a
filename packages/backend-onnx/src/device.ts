// An execution provider of ONNX Runtime's as a device. It computes on the thread that asks, so runs are queued.
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
    // The operators order sums; the library and the provider with its device pick the kernels that do.
    runtime: [
      `@isonet/backend-onnx ${version}`,
      `@isonet/onnx ${onnxVersion}`,
      runtime.platform,
      ...provider.runtime,
    ].join(', '),
    options: { device: info.id, ...settings },
    // The host's: what a run gives becomes what the next is fed, without a copy by us. A GPU's provider copies both ways.
    memory: hostMemory('float32'),
    order: 'queued',
    supports: (node, types) => refuses?.(node, types) ?? supports(node, table),
    build: (request) => buildProgram({ runtime, session, table, inChunks }, request),
  });
}
