// ONNX Runtime's own WebGPU provider in browsers: in WebAssembly, on the page's WebGPU.
import type { DeviceInfo } from '@isonet/core';
import { windows } from '../../lowering/windows/index.ts';
import { firstLine } from '../tensors.ts';
import type { Gpu, WebRuntime } from '../web/runtime.ts';
import type { Provider } from './provider.ts';
import { absenceError, absentDevice, checkNoTf32, checkNoThreads } from './provider.ts';
import { trial } from './trial.ts';
import { claims, reasonAgainst } from './webgpuFaults.ts';

export const webgpu: Provider<WebRuntime> = {
  id: 'webgpu',
  find: ({ version, gpu }) => ('reason' in gpu ? absentDevice('webgpu', gpu) : infoOf(version, gpu)),
  open: async (runtime, options) => {
    checkNoThreads('webgpu', options);
    checkNoTf32('webgpu', options);
    const { gpu, version } = runtime;
    if ('reason' in gpu) throw absenceError('webgpu', gpu);
    await runtime.settle('webgpu', 1);
    const session = { provider: 'webgpu', threads: 1 };
    try {
      await trial(runtime, session);
    } catch (error) {
      const reason = `ONNX Runtime's WebGPU provider failed to start: ${firstLine(error)}`;
      const fix = 'open "wasm", or use the webgpu backend';
      throw absenceError('webgpu', { code: 'WEBGPU_FAILED', reason, fix }, error);
    }
    const info = infoOf(version, gpu);
    return {
      info,
      claims,
      session,
      table: windows,
      inChunks: false,
      refuses: reasonAgainst,
      settings: {},
      runtime: [info.text, gpu.browser],
    };
  },
};

function infoOf(version: string, { kind, text }: Gpu): DeviceInfo {
  return {
    id: 'webgpu',
    kind,
    text: `ONNX Runtime ${version}'s own WebGPU provider on ${text}; experimental`,
  };
}
