// Dawn's adapters as they are, for what the backend does not show: unsafe features, timestamps in full.
import { loadDawn } from '../../../packages/backend-webgpu/src/adapters/addon.ts';

export interface Found {
  readonly adapter: GPUAdapter;
  readonly info: GPUAdapterInfo;
}

// What `create` returns must outlive its adapters.
const alive: GPU[] = [];

/**
 * @param options Dawn's own, e.g. `enable-dawn-features=allow_unsafe_apis`
 * @returns undefined if no adapter matches
 * @throws NativeError when Dawn is not there
 */
export async function findAdapter(
  options: readonly string[],
  request: GPURequestAdapterOptions,
): Promise<Found | undefined> {
  const gpu = loadDawn().create(options);
  alive.push(gpu);
  const adapter = await gpu.requestAdapter(request);
  if (adapter === null) return undefined;
  // TensorFlow.js brings types of an older WebGPU, in which adapters had no `info`.
  const { info } = adapter as GPUAdapter & { readonly info: GPUAdapterInfo };
  return { adapter, info };
}
