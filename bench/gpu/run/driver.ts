// Finds a working manifest of a Vulkan driver by trying one after the other, within a bounded time.
import type { Outcome } from './results.ts';

const FIRST_SECONDS = 40;
/**
 * The time limit of all later attempts, which is shorter because the first one has already read everything from the
 * disk.
 */
const OTHER_SECONDS = 12;
/** The number of timeouts after which no more manifests are tried, because they would time out as well. */
const MOST_TIMEOUTS = 2;

/** The path of a manifest; undefined for those that the loader finds itself. */
export type Manifest = string | undefined;

/**
 * Tries the manifests in order.
 * @param attempt tries a manifest for at most the given seconds and resolves to the outcome
 * @returns the manifest that works; `none` if none does; `no time` if the time was up first
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
