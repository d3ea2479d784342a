// Packs every package of the workspace as it would be published.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolders, readManifest, root, withPnpm } from '../workspace.mjs';
import { runGroup } from './temporary.mjs';

/**
 * Returns the paths of the tarballs that {@link pack} writes, by package name.
 * @param {string} folder
 * @param {(manifest: { exports?: object }) => boolean} [isWanted] Default: all packages.
 * @returns {Map<string, string>}
 */
export function tarballsIn(folder, isWanted = () => true) {
  const manifests = packageFolders().map((path) => readManifest(join(root, path, 'package.json')));
  return new Map(
    manifests
      .filter(isWanted)
      .map(({ name, version }) => [
        name,
        join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`),
      ]),
  );
}

/** @param {string} folder */
export function pack(folder) {
  mkdirSync(folder, { recursive: true });
  const each = ['--recursive', '--workspace-concurrency=1', '--filter', '!@isonet/docs']; // private
  return runGroup(['npx', ...withPnpm('pnpm', ...each, 'pack', '--pack-destination', folder)]);
}
