// Installs one project with all packages, and runs it on each supported Node: the library from JavaScript and from TypeScript, and the
// command line. All runs on one device must print the same values.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failIf, readManifest, root, step } from '../../workspace.mjs';
import { withInstallScripts } from '../tree.mjs';
import { installed, makeProject, sameEverywhere } from './project.mjs';
import { nodes } from './programs.mjs';

/** @typedef {import('./user.mjs').User} User */
/** @typedef {import('../../workspace.mjs').Result} Result */

const tsconfig = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'dom'], // dom declares `console`, which the program uses
    types: [],
    strict: true,
    skipLibCheck: false,
  },
  files: ['library.mts'],
};

// A PNG with one black pixel.
const picture =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

// An external backend in TypeScript, which Node 20 cannot run directly.
const backend = `import { onnx } from '@isonet/backend-onnx';
import type { Backend } from '@isonet/core';
export const mine: Backend = { ...onnx, name: 'mine' };
`;

/**
 * The commands to test, with text that their output has to contain. `RUN` is a folder that the first of them creates.
 * @type {readonly { command: string, prints: string, same?: true }[]} `same`: the output is the same on every Node.
 */
const commands = [
  { command: 'train nin --backend onnx --limit 64 --batch-size 32 --epochs 1 --out RUN', prints: 'epoch 1' },
  { command: 'evaluate RUN --json', prints: '"count":1000' },
  { command: 'predict RUN --test 3 --json', prints: 'test image 3', same: true },
  { command: 'predict RUN picture.png', prints: 'picture.png' },
  { command: 'export RUN --to RUN.onnx', prints: '.onnx' },
  { command: 'summary nin', prints: '149,542', same: true },
  { command: 'backends', prints: 'ONNX Runtime' },
  { command: 'conformance --backend onnx --filter relu', prints: '100.0 %' },
  { command: 'conformance --backend ./mine.mts --filter relu/reals', prints: 'mine (cpu)' },
  { command: 'bisect nin --backend onnx', prints: 'nothing wrong' },
  { command: 'bench nin --backend onnx --batch 2 --rounds 1', prints: 'onnx:cpu' },
  { command: '--help', prints: 'Usage: isonet', same: true },
  { command: '--version', prints: readManifest(join(root, 'packages/cli/package.json')).version },
];

/**
 * @param {User} user
 * @param {string} folder The folder to create.
 * @returns {Promise<boolean>} Whether it passed.
 */
export function installEverything(user, folder) {
  const packages = [...installed, '@isonet/cli'];
  return step(`npm: ${packages.join(' ')}`, async () => {
    makeProject(folder);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
    writeFileSync(join(folder, 'picture.png'), Buffer.from(picture, 'base64'));
    writeFileSync(join(folder, 'mine.mts'), backend);
    const added = await user.run(folder, ['npm', 'install', ...packages]);
    return added.code === 0 ? failIf(withInstallScripts(folder)) : added;
  });
}

/**
 * @param {User} user
 * @param {string} folder The folder of {@link installEverything}.
 * @returns {Promise<boolean>} Whether all passed.
 */
export async function testNodes(user, folder) {
  // Writes library.mjs, which each Node then runs.
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const passed = [await step('tsc', () => user.run(folder, ['node', tsc, '--project', folder]))];

  const compare = sameEverywhere();
  const outputs = new Map();
  for (const [major, node] of nodes()) {
    passed.push(
      await step(`Node ${major}: library`, () => runLibrary(user, folder, { major, node, compare })),
      await step(`Node ${major}: command line`, () => runCommands(user, folder, { major, node, outputs })),
    );
  }
  for (const major of ['22', '24'].filter((other) => !nodes().has(other)))
    console.log(`Node ${major} ... skipped: its package supports only Linux x64`);
  return !passed.includes(false);
}

/**
 * @param {User} user
 * @param {string} folder
 * @param {{ major: string, node: string, compare: ReturnType<typeof sameEverywhere> }} on
 * @returns {Promise<Result>}
 */
async function runLibrary(user, folder, { major, node, compare }) {
  // Also runs it with an option that the device's worker inherits. Since 22.18, Node runs TypeScript directly.
  const programs = ['library.mjs', "--input-type=module --eval import('./library.mjs')"];
  if (major !== '20') programs.push('library.mts');
  for (const program of programs) {
    const ran = await user.run(folder, ['node', ...program.split(' ')], { node });
    const problem = ran.code === 0 ? compare(ran.stdout) || warningIn(ran.output) : ran.output;
    if (problem !== '') return failIf(`${program}: ${problem}`);
  }
  return failIf('');
}

/**
 * @param {User} user
 * @param {string} folder
 * @param {{ major: string, node: string, outputs: Map<string, string> }} on
 * @returns {Promise<Result>}
 */
async function runCommands(user, folder, { major, node, outputs }) {
  const isonet = join(folder, 'node_modules', '.bin', 'isonet');
  for (const { command, prints, same } of commands) {
    const args = command.replaceAll('RUN', `run${major}`).split(' ');
    const ran = await user.run(folder, [isonet, ...args], { node });
    if (ran.code !== 0) return ran;
    const printed = ran.stdout.replaceAll(`run${major}`, 'RUN');
    const expected = same === true ? outputs.get(command) : undefined;
    outputs.set(command, printed);
    let problem = warningIn(ran.output);
    if (!ran.stdout.includes(prints)) problem = `expected "${prints}" in\n${ran.output}`;
    if (expected !== undefined && printed !== expected)
      problem = `expected the output of another Node,\n${expected}\ngot\n${printed}`;
    if (problem !== '') return failIf(`isonet ${args.join(' ')}: ${problem}`);
  }
  return failIf('');
}

/** @param {string} output */
function warningIn(output) {
  return /^\(node:.*Warning.*/m.test(output) ? `expected no warning from Node, got\n${output}` : '';
}
