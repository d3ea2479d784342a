// Reads golden/*.json, the files that lie in the package next to src and dist. Apart from golden.ts, for it needs Node.
import { readFileSync } from 'node:fs';
import type { GoldenFile, GoldenModel } from './golden.ts';

export function readGolden(model: GoldenModel): GoldenFile {
  return readGoldenFile(model) as GoldenFile;
}

/** Written with the package, so its shape is not checked again. */
export function readGoldenFile(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../golden/${name}.json`, import.meta.url), 'utf8'));
}
