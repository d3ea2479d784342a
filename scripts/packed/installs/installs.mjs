// Installs the packages as users do, in an empty folder, with each package manager, and runs a training program there.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { failIf, step } from '../../workspace.mjs';
import { bytesIn, withInstallScripts } from '../tree.mjs';
import { managers } from './managers.mjs';
import { installed, makeProject, sameEverywhere } from './project.mjs';
import { findPnpm } from './programs.mjs';

/** @typedef {import('./user.mjs').User} User */
/** @typedef {import('./managers.mjs').Manager} Manager */
/** @typedef {import('../../workspace.mjs').Result} Result */

/**
 * @param {User} user
 * @param {string} base The folder for the projects.
 * @returns {Promise<boolean>} Whether all passed.
 */
export async function testInstalls(user, base) {
  const compare = sameEverywhere();

  /** @type {(manager: Manager, folder: string) => Promise<Result>} */
  async function runProgram({ env, node }, folder) {
    const ran = await user.run(folder, [...node, 'library.mjs'], env === undefined ? {} : { env });
    return ran.code === 0 ? failIf(compare(ran.stdout)) : ran;
  }

  /** @type {(manager: Manager) => Promise<Result>} */
  async function installAndTrain(manager) {
    const { name, add, env, prepare } = manager;
    const folder = join(base, name.replaceAll(' ', '-'));
    makeProject(folder);
    prepare?.(folder);
    const added = await user.run(folder, [...add, ...installed], env === undefined ? {} : { env });
    if (added.code !== 0) return added;
    const trained = await runProgram(manager, folder);
    if (trained.code !== 0) return trained;
    if (name === 'npm') return inspect(folder, manager);
    // Installs every backend; pnpm fails if any package has an install script.
    return user.run(folder, [...add, '@isonet/cli'], env === undefined ? {} : { env });
  }

  /**
   * Checks that an npm install has no scripts and no errors, and that npm's lockfile reproduces it.
   * @type {(folder: string, manager: Manager) => Promise<Result>}
   */
  async function inspect(folder, manager) {
    const scripts = withInstallScripts(folder);
    if (scripts !== '') return failIf(scripts);
    const listed = await user.run(folder, ['npm', 'ls', '--all']);
    if (listed.code !== 0) return listed;
    const bytes = bytesIn(join(folder, 'node_modules'));
    rmSync(join(folder, 'node_modules'), { recursive: true });
    const again = await user.run(folder, ['npm', 'ci']);
    if (again.code !== 0) return again;
    const bytesAgain = bytesIn(join(folder, 'node_modules'));
    if (bytesAgain !== bytes)
      return failIf(`expected npm ci to install ${bytes} bytes as before, got ${bytesAgain}`);
    return runProgram(manager, folder);
  }

  const passed = [];
  for (const manager of managers(await findPnpm())) {
    const name = `${manager.name}: ${installed.join(' ')}`;
    if (manager.missing === undefined) passed.push(await step(name, () => installAndTrain(manager)));
    else console.log(`${name} ... skipped: ${manager.missing}`);
  }
  return !passed.includes(false);
}
