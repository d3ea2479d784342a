// Which package's addon is taken, and what is said where there is none.
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

/** A project with those packages installed, each of one version and with those files. */
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

/** What is said, as a user sees it. */
function refused(root: string, system?: System): readonly [code: string, message: string] {
  try {
    find(root, system);
  } catch (error) {
    if (error instanceof NativeError) return [error.code, error.message];
    throw error;
  }
  throw new Error('expected a NativeError');
}

const platformPackage = { '@some/library-linux-x64': ['1.2.3', 'some.node'] } as const;

describe('the addon', () => {
  test("is the platform's", () => {
    const root = project(platformPackage);
    expect(find(root)).toBe(join(root, 'node_modules/@some/library-linux-x64/some.node'));
  });

  test("is the original package's where that has the same version", () => {
    const root = project({ ...platformPackage, 'some-library': ['1.2.3', 'bin/linux/x64/some.node'] });
    expect(find(root)).toBe(join(root, 'node_modules/some-library/bin/linux/x64/some.node'));
  });

  test('is not that of another version, nor of one without a build for this system', () => {
    const own = 'node_modules/@some/library-linux-x64/some.node';
    const older = project({ ...platformPackage, 'some-library': ['1.2.2', 'bin/linux/x64/some.node'] });
    expect(find(older)).toBe(join(older, own));
    const bare = project({ ...platformPackage, 'some-library': ['1.2.3'] });
    expect(find(bare)).toBe(join(bare, own));
  });
});

describe('where there is none, one line says why', () => {
  test('no build for the system', () => {
    expect(refused(project({}), { ...linux, architecture: 'riscv64' })).toEqual([
      'PLATFORM',
      'Some Library 1.2.3 has no build for linux riscv64; use another one',
    ]);
    expect(refused(project({}), { platform: 'darwin', architecture: 'x64', musl: false })).toEqual([
      'PLATFORM',
      'Some Library 1.2.3 has no build for darwin x64 (a Mac with an Intel processor); use another one',
    ]);
  });

  test('Alpine', () => {
    const original = { 'some-library': ['1.2.3', 'bin/linux/x64/some.node'] } as const; // npm installs it there all the same
    expect(refused(project({ ...platformPackage, ...original }), { ...linux, musl: true })).toEqual([
      'MUSL',
      'Some Library 1.2.3 needs glibc, and this system has musl, as Alpine Linux does; ' +
        'use a Linux image with glibc (node:22-slim instead of node:22-alpine), or another one',
    ]);
  });

  test("another system's lockfile", () => {
    const root = project(platformPackage);
    expect(refused(root, { platform: 'win32', architecture: 'arm64', musl: false })).toEqual([
      'NOT_INSTALLED',
      'Some Library is not installed for this system: there is no package @some/library-win32-arm64 ' +
        '(a lockfile or node_modules from another system leaves it out, and so does --omit=optional); ' +
        'remove node_modules and the lockfile and install again, or ' +
        'npm install --no-save @some/library-win32-arm64@1.2.3; ' +
        "where the server is bundled, leave isonet's packages out of the bundle (esbuild: --external:@isonet/*)",
    ]);
  });

  test('a bundle in CommonJS', () => {
    expect(() => findAddon(library, undefined, linux)).toThrow(
      new NativeError(
        'BUNDLED',
        'Some Library cannot be found from inside a bundle in CommonJS',
        "leave isonet's packages out of the bundle (esbuild: --external:@isonet/*)",
      ),
    );
  });

  test('a platform package of another version', () => {
    const root = project({ '@some/library-linux-x64': ['1.2.4', 'some.node'] });
    expect(refused(root)).toEqual([
      'VERSION',
      '@some/library-linux-x64 1.2.4 is installed where 1.2.3 is expected; npm install @some/library-linux-x64@1.2.3',
    ]);
  });
});
