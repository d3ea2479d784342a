// Names the WebGPU that runs here, for plans: another version may compile the same shader to other instructions.

/** The exact version in our package.json; a test holds the two together, so that this file needs nothing of Node. */
export const DAWN: string = 'webgpu@0.6.2';

/** npm's `webgpu`, which is Dawn, in Node; in a browser its own name and version. */
export function runtimeName(): string {
  const inNode = typeof process === 'object' && typeof process.versions?.node === 'string';
  const { navigator } = globalThis as { navigator?: { readonly userAgent?: string } };
  return inNode ? DAWN : (navigator?.userAgent ?? 'an unknown browser');
}
