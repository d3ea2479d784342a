// Starts the command line, @isonet/cli, if it is installed next to this package or in the current folder. This file is plain
// JavaScript, so that the bin can be linked before the first build.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Runs the command line of this process. */
export async function start() {
  const main = findMain();
  if (main === undefined) {
    console.error('isonet: the command line is not installed; run `npm install @isonet/cli`');
    process.exitCode = 1;
  } else if (existsSync(main)) {
    await import(main.href);
  } else {
    console.error('isonet is not built; run `npm run setup` in the root of the repository');
    process.exitCode = 1;
  }
}

/** Returns the URL of the file to start; undefined if @isonet/cli is not installed. */
function findMain() {
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      const manifest = createRequire(from).resolve('@isonet/cli/package.json');
      return new URL('dist/main.js', pathToFileURL(manifest));
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}
