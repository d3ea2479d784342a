// Builds the changelog of a release from its changesets.

/** @typedef {'major' | 'minor' | 'patch' | 'none'} Kind */
/** @typedef {{ summary: string, releases: readonly { name: string, type: Kind }[] }} Change */
/**
 * @typedef {object} ReleasePlan The output of `changeset status --output`.
 * @property {readonly Change[]} changesets
 * @property {readonly { name: string, newVersion: string }[]} releases
 */

/** @type {readonly (readonly [Kind, string])[]} */
const headings = [
  ['major', 'Breaking changes'],
  ['minor', 'Changes'],
  ['patch', 'Fixes'],
];

/**
 * Returns the version that all packages of a release share. Packages that contain a third-party library have that library's version,
 * and belong to no changeset.
 * @param {ReleasePlan} plan
 * @returns {string}
 */
export function sharedVersion({ releases }) {
  const versions = new Set(releases.map(({ newVersion }) => newVersion));
  const [version, ...others] = versions;
  if (version === undefined) throw new Error('.changeset contains no change: add one with `npm run change`');
  if (others.length > 0)
    throw new Error(
      `the packages would get different versions: ${releases.map(({ name, newVersion }) => `${name} ${newVersion}`).join(', ')}`,
    );
  return version;
}

/**
 * Adds a new section at the top of a changelog.
 * @param {string} changelog Its introduction ends at the first `## `.
 * @param {ReleasePlan} plan
 * @param {string} date
 * @returns {string}
 */
export function withRelease(changelog, plan, date) {
  const parts = headings.flatMap(([kind, heading]) => {
    const items = plan.changesets
      .filter(({ releases }) => releases.some(({ type }) => type === kind))
      .map(({ summary }) => `- ${summary.trim().replaceAll('\n', '\n  ').replaceAll('\n  \n', '\n\n')}`);
    return items.length === 0 ? [] : [`### ${heading}\n\n${items.join('\n')}\n`];
  });
  const section = `## ${sharedVersion(plan)} (${date})\n\n${parts.join('\n')}\n`;
  const at = changelog.search(/^## /m);
  return at < 0
    ? `${changelog.trimEnd()}\n\n${section}`
    : changelog.slice(0, at) + section + changelog.slice(at);
}
