// Finds the packages of the rivals in JavaScript, and builds the commands that start them.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The packages of the rivals, in the measured versions. */
const VERSIONS = {
  '@jax-js/jax': '0.1.25',
  '@tensorflow/tfjs': '4.22.0',
  '@tensorflow/tfjs-backend-wasm': '4.22.0',
  '@tensorflow/tfjs-node': '4.22.0',
  'onnxruntime-node': '1.30.0',
} as const;
export type Package = keyof typeof VERSIONS;

/** Returns the command that installs packages into a project. */
export function npmInstall(...names: readonly Package[]): string {
  return `npm install ${names.map((name) => `${name}@${VERSIONS[name]}`).join(' ')}`;
}

/** Returns the file that `require` loads for the package: from the project in a given folder, or else from isonet. */
export function entryOf(name: Package, folder: string): string | undefined {
  return resolved(name, join(folder, 'package.json')) ?? resolved(name, import.meta.url);
}

/** Returns the file that `require` loads for a package or a path, from a given file; undefined if there is none. */
export function resolved(request: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(request);
  } catch {
    return undefined;
  }
}

/** Returns the command that runs a module in this folder (`tfjs` is tfjs.ts or tfjs.js). @param folder the folder of its packages */
export function nodeCommand(module: string, folder: string): readonly string[] {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const file = fileURLToPath(new URL(`./${module}.${extension}`, import.meta.url));
  const source = extension === 'ts' ? ['--conditions=@isonet/source', ...typescript(import.meta.url)] : [];
  return [process.execPath, ...source, file, folder];
}

/** Returns the Node arguments that run TypeScript. @throws the error of Node's resolution if tsx is not installed */
export function typescript(from: string): readonly string[] {
  return ['--import', pathToFileURL(createRequire(from).resolve('tsx')).href];
}
