// Which WebGPU this is, for plans: another version may compile the same shader to other instructions. A test holds the
// versions and package.json together, so that this file needs nothing of Node.

/** This package. */
export const VERSION: string = '@isonet/backend-webgpu@0.1.0';

/** The exact version that we depend on. */
export const DAWN: string = 'webgpu@0.6.2';

/** npm's `webgpu`, which is Dawn, in Node; in a browser its own name and version. */
export function runtimeName(): string {
  const inNode = typeof process === 'object' && typeof process.versions?.node === 'string';
  const { navigator } = globalThis as { navigator?: { readonly userAgent?: string } };
  return inNode ? DAWN : (navigator?.userAgent ?? 'an unknown browser');
}
