// Finds the manifest of a Vulkan driver by trying one after the other, without spending the time of the other parts on it.
import type { Outcome } from './results.ts';

const FIRST_SECONDS = 40;
/** The first has read everything from the disk. */
const OTHER_SECONDS = 12;
/** Timeouts after which the rest would time out as well. */
const MOST_TIMEOUTS = 2;

/** A manifest; undefined: those that the loader finds by itself. */
export type Manifest = string | undefined;

/**
 * @param attempt resolves to how it went with that manifest, in at most those seconds
 * @returns the manifest that works, if one does, and whether the time was up before
 */
export async function findManifest(
  manifests: readonly Manifest[],
  attempt: (manifest: Manifest, seconds: number) => Promise<Outcome>,
): Promise<{ readonly manifest: Manifest } | 'none' | 'no time'> {
  let timeouts = 0;
  for (const [i, manifest] of manifests.entries()) {
    const outcome = await attempt(manifest, i === 0 ? FIRST_SECONDS : OTHER_SECONDS);
    if (outcome === 'passed') return { manifest };
    if (outcome === 'skipped') return 'no time';
    if (outcome === 'timed out') timeouts++;
    if (timeouts === MOST_TIMEOUTS) break;
  }
  return 'none';
}
