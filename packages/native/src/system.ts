// The system that this process runs on, and the shared libraries that the process has loaded.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { System } from './library.ts';

/** The parts of Node's diagnostic report that are used here: https://nodejs.org/api/report.html */
interface Report {
  readonly header: { readonly glibcVersionRuntime?: string };
  readonly sharedObjects: readonly string[];
}

export function thisSystem(): System {
  const { platform, arch: architecture } = process;
  return { platform, architecture, musl: platform === 'linux' && isMusl() };
}

/** Returns the paths of the shared libraries that this process has loaded under the given file name. */
export function loadedCopies(file: string): readonly string[] {
  return [...new Set(loadedLibraries())].filter((path) => isNamed(path, file));
}

/** Returns whether `path` ends in `file`, or is the target of a link of that name next to it: `libsome.so.1 -> libsome.so.1.2.3`. */
function isNamed(path: string, file: string): boolean {
  // Linux marks a file that has been deleted or replaced since it was loaded.
  if (basename(path.replaceAll('\\', '/')).replace(/ \(deleted\)$/, '') === file) return true;
  const link = join(dirname(path), file);
  return existsSync(link) && realpathSync(link) === path;
}

function loadedLibraries(): readonly string[] {
  if (process.platform !== 'linux') return report()?.sharedObjects ?? [];
  // Faster than a report. A line looks like `7f1c2000-7f1c3000 r-xp 00000000 08:01 1234   /lib/libc.so.6`.
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .flatMap((line) => /\s(\/.*)$/.exec(line)?.[1] ?? []);
}

// Node's report contains the version of glibc. Checking for a file that only Debian or Alpine has is faster.
function isMusl(): boolean {
  if (existsSync('/etc/alpine-release')) return true;
  if (existsSync('/etc/debian_version')) return false;
  const found = report();
  return found !== undefined && found.header.glibcVersionRuntime === undefined;
}

/** Returns Node's diagnostic report, or undefined in a runtime that has none. */
function report(): Report | undefined {
  const reporter: (NodeJS.ProcessReport & { excludeNetwork?: boolean }) | undefined = process.report;
  if (reporter === undefined) return undefined;
  const { excludeNetwork = false } = reporter;
  reporter.excludeNetwork = true; // otherwise the report resolves the host names of all open connections
  try {
    return reporter.getReport() as Report | undefined;
  } finally {
    reporter.excludeNetwork = excludeNetwork;
  }
}
