// A benchmark on a terminal.
import type { BenchReport, Comparison } from '@isonet/bench';
import type { Colors } from './text.ts';
import { visible } from './visible.ts';

/** Where the lines are shown. */
export interface BenchLook {
  readonly colors: Colors;
  readonly columns: number;
}

export function benchLines({ measurements, missing }: BenchReport, _look: BenchLook): readonly string[] {
  return [
    ...measurements.flatMap(({ model, batch, work, othersShare, candidates }) => [
      `${model}, batch ${batch}, ${work}, others ${othersShare}`,
      ...candidates.map(({ name, median, ratio }) => `${name} ${median} ms ${ratio?.median ?? ''}`),
    ]),
    ...missing.map(({ name, reason, fix }) => `not measured: ${name}: ${reason}; ${fix}`),
  ].map(visible);
}

export function compareLines({ hasSlower }: Comparison, _look: BenchLook): readonly string[] {
  return [hasSlower ? 'slower' : 'not slower'];
}
