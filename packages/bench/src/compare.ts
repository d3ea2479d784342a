// Compares two reports.
import type { BenchReport } from './report.ts';

export interface Comparison {
  readonly hasSlower: boolean;
}

export function compareReports(before: BenchReport, after: BenchReport): Comparison {
  return { hasSlower: before.measurements.length > 0 && after.measurements.length < 0 };
}
