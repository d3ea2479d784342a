// Which of the installed packages has the addon for this system.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NativeLibrary, System } from './library.ts';
import { NativeError } from './library.ts';

interface Installed {
  readonly folder: string;
  readonly version: string;
}

/**
 * The path of the library's addon: of its own npm package where that is installed at the same version, else of the package
 * for this platform.
 * @param from the file that asks, as `import.meta.url`: packages are looked for from there
 * @throws NativeError when there is no build for the system, or it is not installed
 */
export function findAddon(library: NativeLibrary, from: string | undefined, system: System): string {
  if (from === undefined) throw bundled(library);
  if (system.musl) throw onMusl(library);
  const require = createRequire(from);
  const original = installed(require, library.original.name);
  if (original?.version === library.version) {
    const path = join(original.folder, library.original.addon(system.platform, system.architecture));
    if (existsSync(path)) return path;
  }
  const name = packageFor(library, system);
  const found = installed(require, name);
  if (found === undefined) throw notInstalled(library, name);
  if (found.version !== library.version) {
    throw new NativeError(
      'VERSION',
      `${name} ${found.version} is installed where ${library.version} is expected`,
      `npm install ${name}@${library.version}`,
    );
  }
  return join(found.folder, library.addon);
}

function packageFor({ title, version, packages, instead }: NativeLibrary, system: System): string {
  const { platform, architecture } = system;
  const name = packages[`${platform}-${architecture}`];
  if (name === undefined) {
    const mac = platform === 'darwin' && architecture === 'x64' ? ' (a Mac with an Intel processor)' : '';
    throw new NativeError(
      'PLATFORM',
      `${title} ${version} has no build for ${platform} ${architecture}${mac}`,
      `use ${instead}`,
    );
  }
  return name;
}

/** Before anything is looked for: neither the original package nor a platform's has a build that would load. */
function onMusl({ title, version, instead }: NativeLibrary): NativeError {
  return new NativeError(
    'MUSL',
    `${title} ${version} needs glibc, and this system has musl, as Alpine Linux does`,
    `use a Linux image with glibc (node:22-slim instead of node:22-alpine), or ${instead}`,
  );
}

/** A bundle in CommonJS has no `import.meta.url`. */
function bundled({ title }: NativeLibrary): NativeError {
  return new NativeError('BUNDLED', `${title} cannot be found from inside a bundle in CommonJS`, keepOut);
}

const keepOut = "leave isonet's packages out of the bundle (esbuild: --external:@isonet/*)";

/** npm leaves out optional packages of another system for good once the lockfile is written: npm/cli#4828. */
function notInstalled({ title, version }: NativeLibrary, name: string): NativeError {
  return new NativeError(
    'NOT_INSTALLED',
    `${title} is not installed for this system: there is no package ${name} ` +
      '(a lockfile or node_modules from another system leaves it out, and so does --omit=optional)',
    `remove node_modules and the lockfile and install again, or npm install --no-save ${name}@${version}; ` +
      `where the server is bundled, ${keepOut}`,
  );
}

function installed(require: NodeJS.Require, name: string): Installed | undefined {
  let manifest: string;
  try {
    manifest = require.resolve(`${name}/package.json`);
  } catch {
    return undefined;
  }
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  return { folder: dirname(manifest), version };
}
