// Finds the package managers and Node versions: those in this folder's package.json, and those that run this script.
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { run, withPnpm } from '../../workspace.mjs';
import { modulesOf } from '../tools.mjs';

const modules = modulesOf('installs');

/** The scripts of yarn, which Node runs, and the executable of bun. */
export const programs = {
  yarn1: join(modules, 'yarn', 'bin', 'yarn.js'),
  yarn4: join(modules, '@yarnpkg', 'cli-dist', 'bin', 'yarn.js'),
  bun: join(modules, '@oven', 'bun-linux-x64', 'bin', 'bun'),
};

/** Finds the script of the pnpm that sets up the workspace, which npx keeps in its cache. */
export async function findPnpm() {
  const { code, output, stdout } = await run('npx', withPnpm('node', '-p', 'process.env.PATH'));
  const bins = stdout.trim().split(delimiter);
  const scripts = bins.map((bin) => join(dirname(bin), 'pnpm', 'bin', 'pnpm.mjs'));
  const found = scripts.find((script) => existsSync(script));
  if (code !== 0 || found === undefined) throw new Error(`expected pnpm on the path of npx, got ${output}`);
  return found;
}

/**
 * Finds the Node executables to test on, by major version: this one, and on Linux x64 those from packages.
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
