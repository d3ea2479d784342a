// Reads golden/nin.json, which stands beside src and dist in the package.
import { readFileSync } from 'node:fs';
import type { GoldenFile } from './golden.ts';

export function readGoldenNin(): GoldenFile {
  return JSON.parse(readFileSync(new URL('../golden/nin.json', import.meta.url), 'utf8')) as GoldenFile;
}
