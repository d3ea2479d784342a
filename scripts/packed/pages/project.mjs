// Creates a user's project from pages/project, and installs the packages that its pages and programs import from the registry.
import { cpSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../../workspace.mjs';

/** The packages that the programs import, and data for the programs that run in Node. */
const imported = [
  'isonet',
  '@isonet/onnx',
  '@isonet/backend-webgpu',
  '@isonet/backend-onnx',
  '@isonet/conformance',
  '@isonet/fashion-mnist-sample',
  // An optional peer of backend-onnx, whose pages need it.
  'onnxruntime-web@1.30.0',
];
/** The software driver, which is linked from the clone because it is large. */
const driver = '@sparticuz/chromium';

/**
 * Creates the project.
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
