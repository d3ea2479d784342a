// Compares two reports.
import type { BenchReport } from './report.ts';

export interface Comparison {
  readonly hasSlower: boolean;
}

export function compareReports(before: BenchReport, after: BenchReport): Comparison {
  const ends = (report: BenchReport, end: 0 | 1): readonly number[] =>
    report.measurements.flatMap(({ candidates }) => candidates.map(({ interval }) => interval[end]));
  return { hasSlower: Math.min(...ends(after, 0)) > Math.max(...ends(before, 1)) };
}
