// Versions for the ids of plans: another one may compile the same shader to other instructions. A test compares the constants
// with package.json, so that this file also runs in browsers.
import { inNode } from './adapters/platform.ts';

/** The package's version, which the ids of plans include. */
export const version = '0.3.0';

/** The exact version that is loaded. */
export const DAWN: string = 'webgpu@0.6.2';

/** npm's `webgpu`, which is Dawn, in Node; in a browser its own name and version. */
export function runtimeName(): string {
  const { navigator } = globalThis as { navigator?: { readonly userAgent?: string } };
  return inNode() ? DAWN : (navigator?.userAgent ?? 'an unknown browser');
}
