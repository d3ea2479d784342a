// Checks that dependencies between packages point one way: down the layers of ARCHITECTURE.md. A package may depend only on
// packages of lower layers. (oxlint's import/no-cycle finds cycles between files, type-only ones included.) Development
// dependencies count too, so the conformance suite is below the backends that it tests.
import { join } from 'node:path';
import { packageFolders, readManifest, root } from './workspace.mjs';

const layers = [
  ['@isonet/cli'],
  ['@isonet/bench', '@isonet/bisect'],
  ['@isonet/backend-onnx', '@isonet/backend-tfjs', '@isonet/backend-webgpu', '@isonet/runs', 'isonet'],
  ['@isonet/conformance', '@isonet/onnx-backend-tests'],
  ['@isonet/onnx', '@isonet/data'],
  ['@isonet/backend-reference'],
  ['@isonet/models', '@isonet/fashion-mnist-sample'],
  ['@isonet/core', '@isonet/native'],
];

/** @param {string} name */
function layerOf(name) {
  return layers.findIndex((layer) => layer.includes(name));
}

// The packages in platforms/ contain one native library each and have no dependencies.
const folders = packageFolders().filter((folder) => folder.startsWith('packages'));
const problems = folders.flatMap((folder) => {
  const { name, ...manifest } = readManifest(join(root, folder, 'package.json'));
  if (layerOf(name) < 0) return [`${name}: is in no layer; add it to scripts/checkDirection.mjs`];
  const dependencies = [
    'dependencies',
    'optionalDependencies',
    'peerDependencies',
    'devDependencies',
  ].flatMap((kind) => Object.keys(manifest[kind] ?? {}));
  return dependencies
    .filter((other) => layerOf(other) >= 0 && layerOf(other) <= layerOf(name))
    .map((other) => `${name}: depends on ${other}, which is not below it`);
});

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
