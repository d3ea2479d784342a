// The system that this process runs on, and the shared libraries that it has loaded.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { System } from './library.ts';

/** Node's own report, as far as it is read here: https://nodejs.org/api/report.html */
interface Report {
  readonly header: { readonly glibcVersionRuntime?: string };
  readonly sharedObjects: readonly string[];
}

export function thisSystem(): System {
  const { platform, arch: architecture } = process;
  return { platform, architecture, musl: platform === 'linux' && isMusl() };
}

/** The paths of the loaded shared libraries that were loaded by that file name. */
export function loadedCopies(file: string): readonly string[] {
  return [...new Set(loadedLibraries())].filter((path) => isNamed(path, file));
}

/** Whether it is the path of `file`, or of what a link of that name beside it leads to: `libsome.so.1 -> libsome.so.1.2.3`. */
function isNamed(path: string, file: string): boolean {
  // Linux marks a file that was deleted or replaced since.
  if (basename(path.replaceAll('\\', '/')).replace(/ \(deleted\)$/, '') === file) return true;
  const link = join(dirname(path), file);
  return existsSync(link) && realpathSync(link) === path;
}

function loadedLibraries(): readonly string[] {
  if (process.platform !== 'linux') return report()?.sharedObjects ?? [];
  // Quicker than a report. A line is `7f1c2000-7f1c3000 r-xp 00000000 08:01 1234   /lib/libc.so.6`.
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .flatMap((line) => /\s(\/.*)$/.exec(line)?.[1] ?? []);
}

// glibc names its version in Node's report; a file of Debian's or Alpine's is a quicker answer where it exists.
function isMusl(): boolean {
  if (existsSync('/etc/alpine-release')) return true;
  if (existsSync('/etc/debian_version')) return false;
  const said = report();
  return said !== undefined && said.header.glibcVersionRuntime === undefined;
}

/** Undefined where the runtime is not Node and makes none. */
function report(): Report | undefined {
  const reporter: (NodeJS.ProcessReport & { excludeNetwork?: boolean }) | undefined = process.report;
  if (reporter === undefined) return undefined;
  const { excludeNetwork = false } = reporter;
  reporter.excludeNetwork = true; // or it looks up the names of all open connections
  try {
    return reporter.getReport() as Report | undefined;
  } finally {
    reporter.excludeNetwork = excludeNetwork;
  }
}
