// Reads a report back.
import { readFile } from 'node:fs/promises';
import { codeOf, DataError } from '@isonet/core';
import type { BenchReport } from './report.ts';

export async function readReport(path: string): Promise<BenchReport> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as BenchReport;
  } catch (cause) {
    const code = codeOf(cause) === 'ENOENT' ? 'FILE_MISSING' : 'BENCH_REPORT';
    throw new DataError(code, `${path}: there is no such report`, { cause });
  }
}
