// Rivals in JavaScript: where the packages are that they run, and the command of a program of this folder.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder that isonet-tensorflow made, which has tfjs-node with its native library. */
const tensorflowFolder = process.env['ISONET_TENSORFLOW'];

/** The file that requiring the package loads: for the project in a folder, for isonet, or in the folder of isonet-tensorflow. */
export function entryOf(name: string, folder: string): string | undefined {
  const folders = [folder, ...(tensorflowFolder ? [tensorflowFolder] : [])];
  for (const from of [...folders.map((one) => join(one, 'package.json')), import.meta.url]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      // Not there.
    }
  }
  return undefined;
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
