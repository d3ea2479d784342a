// Inspects the result of an npm install in a folder.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { installScripts, readManifest } from '../workspace.mjs';

/**
 * Lists the packages that npm installed, as paths relative to the folder.
 * @param {string} folder
 * @returns {string[]}
 */
export function installedPaths(folder) {
  const lock = readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8');
  return Object.keys(JSON.parse(lock).packages);
}

/**
 * Checks that no package has a script that npm runs when it installs the package.
 * @param {string} folder
 * @returns {string} The problem, or an empty string.
 */
export function withInstallScripts(folder) {
  const found = installedPaths(folder).filter((path) => {
    const { scripts = {} } = readManifest(join(folder, path, 'package.json'));
    return (
      installScripts.some((name) => name in scripts) ||
      readdirSync(join(folder, path)).includes('binding.gyp')
    );
  });
  return found.length === 0 ? '' : `expected no package with an install script, got ${found.join(', ')}`;
}

/**
 * Returns the total size in bytes of all files in a folder.
 * @param {string} folder
 */
export function bytesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
