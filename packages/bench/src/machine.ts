// Describes the machine that a benchmark runs on.
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import type { Machine } from './report.ts';

/** Describes this machine, with the cores that this process may use. */
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
