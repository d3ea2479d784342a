// Starts the command line, @isonet/cli, where it is installed: beside this package or in the current folder. Plain JavaScript,
// committed, so that the bin can be linked before the first build.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Runs the command line of this process. */
export async function start() {
  const main = findMain();
  if (main === undefined) {
    console.error('The command line is a package of its own: npm install @isonet/cli');
    process.exitCode = 1;
  } else if (existsSync(main)) {
    await import(main.href);
  } else {
    console.error('isonet is not built yet: run `npm run setup` in the root of the repository.');
    process.exitCode = 1;
  }
}

/** The file to start; undefined where @isonet/cli is not installed. */
function findMain() {
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      const manifest = createRequire(from).resolve('@isonet/cli/package.json');
      return new URL('dist/main.js', pathToFileURL(manifest));
    } catch {
      // Not there.
    }
  }
  return undefined;
}
