// The libraries that isonet is measured against.
import { UsageError } from '@isonet/runs';
import type { Work } from '../report.ts';

/** A program that measures another library. */
export interface Rival {
  readonly name: string;
  readonly text: string;
  readonly works: readonly Work[];
  locate(
    cwd: string,
  ): Promise<{ readonly command: readonly string[] } | { readonly reason: string; readonly fix: string }>;
}

export const rivals: readonly Rival[] = [];

export function findRival(name: string, _cwd: string): Promise<Rival> {
  return Promise.reject(new UsageError(`unknown rival "${name}"`));
}
