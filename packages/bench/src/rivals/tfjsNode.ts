// Finds the Node package of TensorFlow.js with its native binding, in the same places as isonet's backend.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { userCache } from '@isonet/native';
import { npmInstall, resolved } from './packages.ts';

/** The package that runs on the TensorFlow library. */
export const TFJS_NODE = '@tensorflow/tfjs-node';

/** The environment variable with the folder that isonet-tensorflow creates. If it is set, no other place is searched. */
const FOLDER = 'ISONET_TENSORFLOW';
/** The folder in the cache where isonet-tensorflow installs the library by default. */
const CACHED = 'tensorflow-2.18.1-cpu';
/** The versions that the package is built for; each has a folder. */
const NAPI_VERSIONS = [3, 4, 5, 6, 7, 8];

/** Returns the file to `require` from the first package that has its binding. Installing the package does not always build one. */
export function tfjsNodeOf(cwd: string): string | undefined {
  return places(cwd).find((entry) => entry !== undefined && hasBinding(entry));
}

/** Returns the TensorFlow folder that the user names. */
export function namedFolder(cwd: string): string | undefined {
  const named = process.env[FOLDER];
  return named === undefined || named === '' ? undefined : resolve(cwd, named);
}

/** Explains why there is no TensorFlow, and how to install it. */
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

/** Resolves the package by its path, because Node would also search the parent folders for a name. */
function inFolder(folder: string): string | undefined {
  return resolved(join(folder, 'node_modules', TFJS_NODE), import.meta.url);
}

function hasBinding(entry: string): boolean {
  const library = join(dirname(entry), '..', 'lib');
  return NAPI_VERSIONS.some((napi) => existsSync(join(library, `napi-v${napi}`, 'tfjs_binding.node')));
}
