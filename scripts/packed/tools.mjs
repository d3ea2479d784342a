// Installs programs that only the tests of packed packages need. A package-lock.json lists them; they are installed
// into the repository's .cache on demand, so setting up a clone does not install them.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace.mjs';
import { runGroup } from './temporary.mjs';

/** @typedef {'installs' | 'pages'} Toolset A folder of scripts/packed with a package.json. */

/** @param {Toolset} toolset */
function folderOf(toolset) {
  return join(root, '.cache', 'packed', toolset);
}

/**
 * Returns the node_modules folder of a toolset.
 * @param {Toolset} toolset
 */
export function modulesOf(toolset) {
  return join(folderOf(toolset), 'node_modules');
}

/**
 * Installs the packages of a toolset's package-lock.json, unless they are installed.
 * @param {Toolset} toolset
 */
export async function installTools(toolset) {
  const source = join(root, 'scripts', 'packed', toolset);
  const folder = folderOf(toolset);
  const lock = readFileSync(join(source, 'package-lock.json'), 'utf8');
  const stamp = join(folder, 'installed.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return { code: 0, output: '' };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    copyFileSync(join(source, file), join(folder, file));
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];
  const installed = await runGroup(['npm', 'ci', '--prefix', folder, ...quiet]);
  if (installed.code === 0) writeFileSync(stamp, lock);
  return installed;
}
