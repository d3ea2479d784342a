// Defines, for each package manager, how a user installs packages into an empty folder and runs a program in that folder.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programs } from './programs.mjs';

/** @typedef {import('./user.mjs').Command} Command */
/**
 * @typedef {object} Manager
 * @property {string} name
 * @property {Command} add The command that installs packages, which are added as arguments.
 * @property {Command} node The command that runs a program, which is added as an argument.
 * @property {Readonly<Record<string, string>>} [env]
 * @property {(folder: string) => void} [prepare]
 * @property {string} [missing] The reason why it is skipped here.
 */

/** @type {(folder: string) => void} */
const writeManifest = (folder) => writeFileSync(join(folder, 'package.json'), '{}\n');

/** @type {Command} */
const node = ['node'];

/**
 * @param {string} pnpm The path of pnpm's script.
 * @returns {readonly Manager[]}
 */
export function managers(pnpm) {
  // Yarn 4 does not treat a folder without a package.json as a project.
  /** @type {{ add: Command, prepare: (folder: string) => void }} */
  const yarn4 = { add: ['node', programs.yarn4, 'add'], prepare: writeManifest };
  return [
    { name: 'npm', add: ['npm', 'install'], node },
    { name: 'pnpm', add: ['node', pnpm, 'add'], node },
    { name: 'yarn 1', add: ['node', programs.yarn1, 'add'], node },
    { name: 'yarn 4 with node_modules', ...yarn4, node, env: { YARN_NODE_LINKER: 'node-modules' } },
    { name: 'yarn 4 with pnp', ...yarn4, node: ['node', programs.yarn4, 'node'] },
    {
      name: 'bun',
      add: [programs.bun, 'add'],
      node,
      ...(!existsSync(programs.bun) && { missing: 'its package supports only Linux x64 with glibc' }),
    },
  ];
}
