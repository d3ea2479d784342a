// Where the package managers and Nodes are: those of package.json in this folder, and those that run this.
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { run, withPnpm } from '../../workspace.mjs';
import { modulesOf } from '../tools.mjs';

const modules = modulesOf('installs');

/** The scripts of yarn, which Node starts, and the program of bun. */
export const programs = {
  yarn1: join(modules, 'yarn', 'bin', 'yarn.js'),
  yarn4: join(modules, '@yarnpkg', 'cli-dist', 'bin', 'yarn.js'),
  bun: join(modules, '@oven', 'bun-linux-x64', 'bin', 'bun'),
};

/** The script of the pnpm that the workspace itself is set up with: npx has it in its cache. */
export async function findPnpm() {
  const { code, output, stdout } = await run('npx', withPnpm('node', '-p', 'process.env.PATH'));
  const bins = stdout.trim().split(delimiter);
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
