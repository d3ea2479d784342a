// Finds the installed package that contains the addon for this system.
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
 * Returns the path of the library's addon: in the library's own npm package if that is installed at the same version,
 * otherwise in the package for this platform.
 * @param from the URL of the calling file, `import.meta.url`; packages are resolved from there
 * @throws NativeError if there is no build for the system, or it is not installed
 */
export function findAddon(library: NativeLibrary, from: string | undefined, system: System): string {
  if (from === undefined) throw bundledError(library);
  if (system.musl) throw muslError(library);
  const require = createRequire(from);
  const original = installed(require, library.original.name);
  if (original?.version === library.version) {
    const path = join(original.folder, library.original.addon(system.platform, system.architecture));
    if (existsSync(path)) return path;
  }
  const name = packageFor(library, system);
  const found = installed(require, name);
  if (found === undefined) throw notInstalledError(library, name);
  if (found.version !== library.version) {
    throw new NativeError(
      'VERSION',
      `${name}: expected version ${library.version}, found ${found.version}`,
      `run npm install ${name}@${library.version}`,
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

/** No package contains a build for musl, so this check comes before any package is looked up. */
function muslError({ title, version, instead }: NativeLibrary): NativeError {
  return new NativeError(
    'MUSL',
    `${title} ${version} needs glibc, but this system uses musl, as Alpine Linux does`,
    `use a Linux image with glibc (node:22-slim instead of node:22-alpine), or ${instead}`,
  );
}

/** A CommonJS bundle has no `import.meta.url`. */
function bundledError({ title }: NativeLibrary): NativeError {
  return new NativeError('BUNDLED', `${title} cannot be found from inside a CommonJS bundle`, keepExternal);
}

const keepExternal = "leave isonet's packages out of the bundle (esbuild: --external:@isonet/*)";

/**
 * Once a lockfile is written, npm never adds the optional packages of another system:
 * https://github.com/npm/cli/issues/4828
 */
function notInstalledError({ title, version }: NativeLibrary, name: string): NativeError {
  return new NativeError(
    'NOT_INSTALLED',
    `${title} is not installed for this system: the package ${name} is missing ` +
      '(a lockfile or node_modules from another system leaves it out, and so does --omit=optional)',
    `remove node_modules and the lockfile and install again, or run npm install --no-save ${name}@${version}; ` +
      `if the server is bundled, ${keepExternal}`,
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
