// Gives direct access to Dawn's adapters, for features that the backend does not expose: unsafe ones, and timestamps in full precision.
import { loadDawn } from '../../../packages/backend-webgpu/src/adapters/addon.ts';

export interface Found {
  readonly adapter: GPUAdapter;
  readonly info: GPUAdapterInfo;
}

// A GPU that `create` returns must outlive its adapters.
const alive: GPU[] = [];

/**
 * Finds an adapter.
 * @param options Dawn's own options, e.g. `enable-dawn-features=allow_unsafe_apis`
 * @returns undefined if no adapter matches
 * @throws NativeError if Dawn is missing
 */
export async function findAdapter(
  options: readonly string[],
  request: GPURequestAdapterOptions,
): Promise<Found | undefined> {
  const gpu = loadDawn().create(options);
  alive.push(gpu);
  const adapter = await gpu.requestAdapter(request);
  if (adapter === null) return undefined;
  // TensorFlow.js declares the types of an older WebGPU, in which adapters had no `info`.
  const { info } = adapter as GPUAdapter & { readonly info: GPUAdapterInfo };
  return { adapter, info };
}
