// @isonet/backend-webgpu: our own WGSL kernels over WebGPU, in Node (Dawn) and in browsers.
export { webgpu } from './backend.ts';
