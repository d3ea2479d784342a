// The versions in the ids of plans: another version may compile the same shader to different instructions. They are
// constants, so that this file also runs in browsers; a test compares them with package.json.
import { inNode } from './adapters/platform.ts';

/** The package's version, which is part of plan ids. */
export const version = '0.3.0';

/** The exact version of Dawn that is loaded. */
export const DAWN: string = 'webgpu@0.6.2';

/** Returns npm's `webgpu` (Dawn) in Node, and the user agent in a browser. */
export function runtimeName(): string {
  const { navigator } = globalThis as { navigator?: { readonly userAgent?: string } };
  return inNode() ? DAWN : (navigator?.userAgent ?? 'an unknown browser');
}
