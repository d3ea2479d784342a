// Rivals in JavaScript: where the packages are that they run, and the command of a program of this folder.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The packages that rivals run, in the versions that were measured. */
const VERSIONS = {
  '@jax-js/jax': '0.1.25',
  '@tensorflow/tfjs': '4.22.0',
  '@tensorflow/tfjs-backend-wasm': '4.22.0',
  '@tensorflow/tfjs-node': '4.22.0',
  'onnxruntime-node': '1.30.0',
} as const;
export type Package = keyof typeof VERSIONS;

/** The command that installs packages into a project. */
export function npmInstall(...names: readonly Package[]): string {
  return `npm install ${names.map((name) => `${name}@${VERSIONS[name]}`).join(' ')}`;
}

/** The file that requiring the package loads: for the project in a folder, or else for isonet. */
export function entryOf(name: Package, folder: string): string | undefined {
  return resolved(name, join(folder, 'package.json')) ?? resolved(name, import.meta.url);
}

/** The file that requiring a package, or the path of one, loads in a file; undefined where it is not there. */
export function resolved(request: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(request);
  } catch {
    return undefined;
  }
}

/** The command that runs a module of this folder, with the folder whose packages it uses: `tfjs` is tfjs.ts or tfjs.js. */
export function nodeCommand(module: string, folder: string): readonly string[] {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const file = fileURLToPath(new URL(`./${module}.${extension}`, import.meta.url));
  const source = extension === 'ts' ? ['--conditions=@isonet/source', ...typescript(import.meta.url)] : [];
  return [process.execPath, ...source, file, folder];
}

/** The arguments by which Node runs TypeScript. @throws what Node's resolution throws where it needs tsx, and there is none */
export function typescript(from: string): readonly string[] {
  return ['--import', pathToFileURL(createRequire(from).resolve('tsx')).href];
}
