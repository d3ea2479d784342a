// The public API of @isonet/backend-webgpu: isonet's WGSL kernels on WebGPU, in Node (Dawn) and in browsers.
export { webgpu } from './backend.ts';
