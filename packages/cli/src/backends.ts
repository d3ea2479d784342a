// The backends that the command line knows by name. Each import is dynamic, so that a backend and its runtime load only when a
// command uses them.
import type { BackendEntry } from '@isonet/runs';

/** isonet's backends, by the names that `--backend` accepts. Each loads only when it is used. */
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
