// The backends that the command line knows by name, the only list of them. Each import is dynamic: no backend, nor the runtime
// below it, loads until it is asked for.
import type { BackendEntry } from '@isonet/runs';

/** isonet's own backends, by the names that `--backend` takes; none loads until it is asked for. */
export const backends: readonly BackendEntry[] = [
  { name: 'tfjs', load: async () => (await import('@isonet/backend-tfjs')).tfjs },
  { name: 'webgpu', load: async () => (await import('@isonet/backend-webgpu')).webgpu },
  {
    name: 'onnx',
    load: async () => (await import('@isonet/backend-onnx')).onnx,
    loadHere: async () => (await import('@isonet/backend-onnx')).onnxHere,
  },
  { name: 'reference', load: async () => (await import('@isonet/backend-reference')).reference },
];
