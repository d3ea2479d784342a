// Programs that only the tests of packed packages need: what a room's package-lock.json names, installed on demand into .cache of
// the repository, so that a clone's own install stays as it is.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace.mjs';
import { runGroup } from './temporary.mjs';

/** @typedef {'installs' | 'pages'} Room A folder of scripts/packed with a package.json. */

/** @param {Room} room */
function folderOf(room) {
  return join(root, '.cache', 'packed', room);
}

/**
 * Where the room's programs are.
 * @param {Room} room
 */
export function modulesOf(room) {
  return join(folderOf(room), 'node_modules');
}

/**
 * Installs what the room's package-lock.json says, unless it is there.
 * @param {Room} room
 */
export async function installTools(room) {
  const source = join(root, 'scripts', 'packed', room);
  const folder = folderOf(room);
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
