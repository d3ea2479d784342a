// Installs as users make them, in an empty folder, with each package manager; then the program that is there trains.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { step } from '../workspace.mjs';
import { managers } from './managers.mjs';
import {
  main,
  makeProject,
  onnxIsHeldToItsPromises,
  other,
  packagesFor,
  sameEverywhere,
} from './project.mjs';
import { findPnpm } from './tools.mjs';
import { bytesIn, withInstallScripts } from './tree.mjs';

/** @typedef {import('./user.mjs').User} User */
/** @typedef {import('./project.mjs').BackendPackage} BackendPackage */
/** @typedef {import('./managers.mjs').Manager} Manager */

/**
 * @param {User} user
 * @param {string} base Folder for the projects.
 * @returns {Promise<boolean>} Whether all passed.
 */
export async function testInstalls(user, base) {
  const compare = sameEverywhere();

  /** @type {(manager: Manager, folder: string, backend: BackendPackage) => Promise<Result>} */
  async function runProgram(manager, folder, backend) {
    const env = { ...manager.env, ...backend.env };
    const ran = await user.run(folder, [...manager.node, 'library.mjs'], { env });
    return ran.code === 0 ? failIf(compare(backend, ran.stdout)) : ran;
  }

  /** @type {(manager: Manager, backend: BackendPackage) => Promise<Result>} */
  async function installAndTrain(manager, backend) {
    const folder = join(base, `${manager.name} ${backend.exported}`.replaceAll(' ', '-'));
    makeProject(folder, backend);
    manager.prepare?.(folder);
    const env = { ...manager.env, ...backend.env };
    const installed = await user.run(folder, [...manager.add, ...packagesFor(backend)], { env });
    if (installed.code !== 0) return installed;
    const trained = await runProgram(manager, folder, backend);
    if (trained.code !== 0 || manager.name !== 'npm') return trained;
    return inspect(folder, manager, backend);
  }

  /**
   * Holds an install with npm to having no scripts and no errors, and npm's lockfile to making the same again.
   * @type {(folder: string, manager: Manager, backend: BackendPackage) => Promise<Result>}
   */
  async function inspect(folder, manager, backend) {
    const scripts = withInstallScripts(folder);
    if (scripts.length > 0 && (backend.exported !== 'onnx' || onnxIsHeldToItsPromises))
      return failIf(`expected no package with an install script, got ${scripts.join(', ')}`);
    const listed = await user.run(folder, ['npm', 'ls', '--all']);
    if (listed.code !== 0) return listed;
    const bytes = bytesIn(join(folder, 'node_modules'));
    rmSync(join(folder, 'node_modules'), { recursive: true });
    const again = await user.run(folder, ['npm', 'ci'], { env: backend.env });
    if (again.code !== 0) return again;
    const bytesAgain = bytesIn(join(folder, 'node_modules'));
    if (bytesAgain !== bytes)
      return failIf(`expected npm ci to install ${bytes} bytes as before, got ${bytesAgain}`);
    return runProgram(manager, folder, backend);
  }

  const passed = [];
  for (const manager of managers(await findPnpm())) {
    for (const backend of manager.name === 'npm' ? [main, other] : [main]) {
      const name = `${manager.name}: ${packagesFor(backend).join(' ')}`;
      if (manager.missing === undefined)
        passed.push(await step(name, () => installAndTrain(manager, backend)));
      else console.log(`${name} ... skipped: ${manager.missing}`);
    }
  }
  return !passed.includes(false);
}

/** @typedef {{ code: number, output: string }} Result */

/**
 * @param {string} problem Empty where there is none.
 * @returns {Result}
 */
export function failIf(problem) {
  return { code: problem === '' ? 0 : 1, output: problem };
}
