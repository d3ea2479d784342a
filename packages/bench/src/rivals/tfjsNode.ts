// Finds TensorFlow.js's Node package with its native binding, in the places where isonet's own backend looks for it.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { userCache } from '@isonet/native';
import { npmInstall, resolved } from './packages.ts';

/** The package that runs on the TensorFlow library. */
export const TFJS_NODE = '@tensorflow/tfjs-node';

/** Names the folder that isonet-tensorflow makes. While it is set, no other place counts. */
const FOLDER = 'ISONET_TENSORFLOW';
/** Where isonet-tensorflow puts the library unless told otherwise. */
const CACHED = 'tensorflow-2.18.1-cpu';
/** Those that the package is built for; each has a folder. */
const NAPI_VERSIONS = [3, 4, 5, 6, 7, 8];

/** The file to require, of the first place whose package has its binding: installing the package alone does not make one. */
export function tfjsNodeOf(cwd: string): string | undefined {
  return places(cwd).find((entry) => entry !== undefined && hasBinding(entry));
}

/** The folder that the user names for TensorFlow. */
export function namedFolder(cwd: string): string | undefined {
  const named = process.env[FOLDER];
  return named === undefined || named === '' ? undefined : resolve(cwd, named);
}

/** Why there is no TensorFlow, and what to do about that. */
export function missingTfjsNode(cwd: string): string {
  const command = 'npx -p @isonet/backend-tfjs isonet-tensorflow';
  const named = namedFolder(cwd);
  return named === undefined
    ? `${TFJS_NODE} with its library is not installed; ${npmInstall(TFJS_NODE)}, or ${command}`
    : `${FOLDER}=${named} has no ${TFJS_NODE} with its library; ${command}, or unset ${FOLDER}`;
}

function places(cwd: string): readonly (string | undefined)[] {
  const named = namedFolder(cwd);
  if (named !== undefined) return [inFolder(named)];
  const cache = userCache();
  return [
    resolved(TFJS_NODE, import.meta.url),
    resolved(TFJS_NODE, join(cwd, 'package.json')),
    ...(cache === undefined ? [] : [inFolder(join(cache, 'isonet', CACHED))]),
  ];
}

/** By its path: a name would also be looked for in the folders around. */
function inFolder(folder: string): string | undefined {
  return resolved(join(folder, 'node_modules', TFJS_NODE), import.meta.url);
}

function hasBinding(entry: string): boolean {
  const library = join(dirname(entry), '..', 'lib');
  return NAPI_VERSIONS.some((napi) => existsSync(join(library, `napi-v${napi}`, 'tfjs_binding.node')));
}
