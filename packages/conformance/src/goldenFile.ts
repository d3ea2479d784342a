// Reads golden/*.json, which stand beside src and dist in the package.
import { readFileSync } from 'node:fs';
import type { GoldenFile, GoldenModel } from './golden.ts';

export function readGolden(model: GoldenModel): GoldenFile {
  const path = new URL(`../golden/${model}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as GoldenFile;
}
