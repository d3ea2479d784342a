// The package managers and Nodes of package.json in this folder, installed on demand into .cache/packed of the repository, so
// that a clone's own install stays as it is.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { root, run, withPnpm } from '../workspace.mjs';
import { runGroup } from './temporary.mjs';

const source = join(root, 'scripts', 'packed');
const folder = join(root, '.cache', 'packed', 'tools');
const modules = join(folder, 'node_modules');

/** Keeps the tarballs of third parties from one run to the next. */
export const downloads = join(root, '.cache', 'packed', 'downloads');

/** The scripts of yarn, which Node starts, and the program of bun. */
export const programs = {
  yarn1: join(modules, 'yarn', 'bin', 'yarn.js'),
  yarn4: join(modules, '@yarnpkg', 'cli-dist', 'bin', 'yarn.js'),
  bun: join(modules, '@oven', 'bun-linux-x64', 'bin', 'bun'),
};

/** The script of the pnpm that the workspace itself is set up with: npx has it in its cache. */
export async function findPnpm() {
  const { code, output } = await run('npx', withPnpm('node', '-p', 'process.env.PATH'));
  const bins = output.trim().split(delimiter);
  const scripts = bins.map((bin) => join(dirname(bin), 'pnpm', 'bin', 'pnpm.mjs'));
  const found = scripts.find((script) => existsSync(script));
  if (code !== 0 || found === undefined) throw new Error(`expected pnpm on the path of npx, got ${output}`);
  return found;
}

/**
 * The Nodes that the packages are tried on, by major version: this one, and on Linux x64 those that a package holds.
 * @returns {Map<string, string>}
 */
export function nodes() {
  const [major = ''] = process.versions.node.split('.');
  const found = new Map([[major, process.execPath]]);
  for (const other of ['22', '24']) {
    const file = join(modules, `node-${other}`, 'bin', 'node');
    if (other !== major && existsSync(file)) found.set(other, file);
  }
  return found;
}

/** Installs what package-lock.json says, unless it is there. */
export async function installTools() {
  const lock = readFileSync(join(source, 'package-lock.json'), 'utf8');
  const stamp = join(folder, 'installed.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return { code: 0, output: '' };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(join(source, file), join(folder, file));
  }
  const installed = await runGroup(['npm', 'ci', '--prefix', folder, '--ignore-scripts', '--no-audit']);
  if (installed.code === 0) writeFileSync(stamp, lock);
  return installed;
}
