// Tests which package's addon is chosen, and the error if there is none.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findAddon } from '../src/find.ts';
import { NativeError } from '../src/index.ts';
import type { NativeLibrary, System } from '../src/library.ts';

const library: NativeLibrary = {
  title: 'Some Library',
  version: '1.2.3',
  original: { name: 'some-library', addon: (platform, arch) => `bin/${platform}/${arch}/some.node` },
  packages: { 'linux-x64': '@some/library-linux-x64', 'win32-arm64': '@some/library-win32-arm64' },
  addon: 'some.node',
  instead: 'another one',
};
const linux: System = { platform: 'linux', architecture: 'x64', musl: false };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'isonet-native-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Creates a project with the given packages installed: for each name its version and its files. */
function project(packages: Readonly<Record<string, readonly [version: string, ...files: string[]]>>): string {
  const root = mkdtempSync(join(folder, 'project-'));
  for (const [name, [version, ...files]] of Object.entries(packages)) {
    const target = join(root, 'node_modules', name);
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, 'package.json'), JSON.stringify({ name, version }));
    for (const file of files) {
      mkdirSync(join(target, file, '..'), { recursive: true });
      writeFileSync(join(target, file), '');
    }
  }
  return root;
}

function find(root: string, system: System = linux): string {
  return findAddon(library, pathToFileURL(join(root, 'index.js')).href, system);
}

/** Returns the code and the message of the error, as a user sees them. */
function errorOf(root: string, system?: System): readonly [code: string, message: string] {
  try {
    find(root, system);
  } catch (error) {
    if (error instanceof NativeError) return [error.code, error.message];
    throw error;
  }
  throw new Error('expected a NativeError');
}

const platformPackage = { '@some/library-linux-x64': ['1.2.3', 'some.node'] } as const;

describe('findAddon', () => {
  test('finds the addon of the platform package', () => {
    const root = project(platformPackage);
    expect(find(root)).toBe(join(root, 'node_modules/@some/library-linux-x64/some.node'));
  });

  test('prefers the original package if it has the same version', () => {
    const root = project({ ...platformPackage, 'some-library': ['1.2.3', 'bin/linux/x64/some.node'] });
    expect(find(root)).toBe(join(root, 'node_modules/some-library/bin/linux/x64/some.node'));
  });

  test('ignores an original package of another version or without a build for this system', () => {
    const own = 'node_modules/@some/library-linux-x64/some.node';
    const older = project({ ...platformPackage, 'some-library': ['1.2.2', 'bin/linux/x64/some.node'] });
    expect(find(older)).toBe(join(older, own));
    const bare = project({ ...platformPackage, 'some-library': ['1.2.3'] });
    expect(find(bare)).toBe(join(bare, own));
  });
});

describe('findAddon fails with one line that names the reason and the fix', () => {
  test('on a system without a build', () => {
    expect(errorOf(project({}), { ...linux, architecture: 'riscv64' })).toEqual([
      'PLATFORM',
      'Some Library 1.2.3 has no build for linux riscv64; use another one',
    ]);
    expect(errorOf(project({}), { platform: 'darwin', architecture: 'x64', musl: false })).toEqual([
      'PLATFORM',
      'Some Library 1.2.3 has no build for darwin x64 (a Mac with an Intel processor); use another one',
    ]);
  });

  test('on Alpine', () => {
    const original = { 'some-library': ['1.2.3', 'bin/linux/x64/some.node'] } as const; // npm installs it on Alpine, too
    expect(errorOf(project({ ...platformPackage, ...original }), { ...linux, musl: true })).toEqual([
      'MUSL',
      'Some Library 1.2.3 needs glibc, but this system uses musl, as Alpine Linux does; ' +
        'use a Linux image with glibc (node:22-slim instead of node:22-alpine), or another one',
    ]);
  });

  test('with a lockfile from another system', () => {
    const root = project(platformPackage);
    expect(errorOf(root, { platform: 'win32', architecture: 'arm64', musl: false })).toEqual([
      'NOT_INSTALLED',
      'Some Library is not installed for this system: the package @some/library-win32-arm64 is missing ' +
        '(a lockfile or node_modules from another system leaves it out, and so does --omit=optional); ' +
        'remove node_modules and the lockfile and install again, or ' +
        'run npm install --no-save @some/library-win32-arm64@1.2.3; ' +
        "if the server is bundled, leave isonet's packages out of the bundle (esbuild: --external:@isonet/*)",
    ]);
  });

  test('in a CommonJS bundle', () => {
    expect(() => findAddon(library, undefined, linux)).toThrow(
      new NativeError(
        'BUNDLED',
        'Some Library cannot be found from inside a CommonJS bundle',
        "leave isonet's packages out of the bundle (esbuild: --external:@isonet/*)",
      ),
    );
  });

  test('with a platform package of another version', () => {
    const root = project({ '@some/library-linux-x64': ['1.2.4', 'some.node'] });
    expect(errorOf(root)).toEqual([
      'VERSION',
      '@some/library-linux-x64: expected version 1.2.3, found 1.2.4; run npm install @some/library-linux-x64@1.2.3',
    ]);
  });
});
