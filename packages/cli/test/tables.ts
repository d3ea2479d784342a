// The tables of the command line in tests: the tiny network and the reference backend.
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { reference } from '@isonet/backend-reference';
import { tinyEntry } from '../../runs/test/tiny.ts';
import type { Tables } from '../src/context.ts';

/** Arguments of Node that run TypeScript from source. */
export const sourceArgs: readonly string[] = [
  '--conditions=@isonet/source',
  '--import',
  pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
];

export const tinyTables: Tables & Required<Pick<Tables, 'candidate'>> = {
  models: [tinyEntry(28)],
  backends: [{ name: 'reference', load: () => Promise.resolve(reference) }],
  candidate: [process.execPath, ...sourceArgs, fileURLToPath(new URL('tinyCandidate.ts', import.meta.url))],
};
