// The machine that a report is of.
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import type { Machine } from './report.ts';

/** This machine, as this process may use it. */
export function thisMachine(): Machine {
  return {
    platform: `${platform()} ${arch()}`,
    // Some systems, Android among them, list no processor.
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.versions.node,
  };
}
