// A user's project: the packages that its pages and programs import, installed from the registry, and the programs of
// pages/project.
import { cpSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../../workspace.mjs';

/** What the programs import and, for those that run in Node, data. */
const imported = [
  'isonet',
  '@isonet/onnx',
  '@isonet/backend-webgpu',
  '@isonet/backend-onnx',
  '@isonet/fashion-mnist-sample',
  // For the pages of backend-onnx, whose optional peer it is.
  'onnxruntime-web@1.30.0',
];
/** The software driver, which is large and is in the clone. */
const driver = '@sparticuz/chromium';

/**
 * Makes the project.
 * @param {import('../installs/user.mjs').User} user
 * @param {string} folder
 */
export async function makePagesProject(user, folder) {
  cpSync(join(root, 'scripts', 'packed', 'pages', 'project'), folder, { recursive: true });
  cpSync(join(root, 'examples', 'browser'), join(folder, 'browser'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const added = await user.run(folder, ['npm', 'install', ...imported]);
  if (added.code !== 0) return added;
  const link = join(folder, 'node_modules', driver);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join(root, 'node_modules', driver), link, 'dir');
  return added;
}
