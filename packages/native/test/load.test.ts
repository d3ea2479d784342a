// Tests of loading: only one copy of a shared library per process, and the explanations of the systems' load errors.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadAddon, NativeError } from '../src/index.ts';
import type { NativeLibrary, System } from '../src/library.ts';
import { loadError, rejectOtherCopy } from '../src/load.ts';
import { loadedCopies, thisSystem } from '../src/system.ts';

const library: NativeLibrary = {
  title: 'Some Library',
  version: '1.2.3',
  original: { name: 'some-library', addon: () => 'some.node' },
  packages: { 'linux-x64': '@some/library-linux-x64' },
  addon: 'some.node',
  instead: 'another one',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'isonet-native-'));
  for (const name of ['own', 'same', 'other']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'libsome.so.1'), name === 'other' ? 'that version' : 'this version');
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe('an already loaded copy of the shared library', () => {
  const file = (name: string): string => join(folder, name, 'libsome.so.1');

  test('is rejected if it has another version', () => {
    expect(() => rejectOtherCopy(library, file('own'), [file('own'), file('other')])).toThrow(
      new NativeError(
        'OTHER_COPY',
        `another Some Library is already loaded in this process, from ${file('other')}, and a process can have only one`,
        'install some-library@1.2.3 for both (npm\'s "overrides"), remove the other copy from LD_LIBRARY_PATH, or open the backend in a separate process',
      ),
    );
    for (const other of [join(folder, 'gone', 'libsome.so.1'), `${file('own')} (deleted)`])
      expect(() => rejectOtherCopy(library, file('own'), [other])).toThrow(`from ${other}, and`);
    expect(() => rejectOtherCopy(library, file('gone'), [file('other')])).toThrow(NativeError);
  });

  test('is accepted if it has the same bytes', () => {
    expect(() => rejectOtherCopy(library, file('own'), [])).not.toThrow();
    expect(() => rejectOtherCopy(library, file('own'), [file('own'), file('same')])).not.toThrow();
    symlinkSync(file('other'), join(folder, 'link'));
    expect(() => rejectOtherCopy(library, join(folder, 'link'), [file('other')])).not.toThrow();
  });
});

describe('this process', () => {
  test('lists its shared libraries', () => {
    expect(loadedCopies('libsome.so.1')).toEqual([]);
    if (process.platform !== 'linux') return;
    const [libc, ...others] = loadedCopies('libc.so.6');
    expect(libc).toMatch(/^\/.*\/libc\.so\.6$/);
    expect(others).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('marks a shared library whose file was deleted', () => {
    const path = join(folder, 'libsome.so.1');
    copyFileSync(loadedCopies('libm.so.6')[0]!, path);
    const [now, noDelete] = [2, 0x1000]; // without RTLD_NODELETE, Node unloads a library that is not a Node addon
    expect(() => process.dlopen({ exports: {} }, path, now | noDelete)).toThrow('did not self-register');
    expect(loadedCopies('libsome.so.1')).toEqual([path]);
    rmSync(path);
    expect(loadedCopies('libsome.so.1')).toEqual([`${path} (deleted)`]);
  });

  test("detects musl exactly if musl's dynamic loader is in /lib", () => {
    const { platform, architecture, musl } = thisSystem();
    expect([platform, architecture]).toEqual([process.platform, process.arch]);
    const libraries = platform === 'linux' ? readdirSync('/lib') : [];
    expect(musl).toBe(libraries.some((name) => name.startsWith('ld-musl-')));
  });
});

describe("loadError explains the system's error", () => {
  const linux: System = { platform: 'linux', architecture: 'x64', musl: false };
  const explained = (text: string, system = linux, path = '/gone/some.node'): readonly [string, string] => {
    const { code, message } = loadError(library, path, new Error(text), system);
    return [code, message];
  };

  test("on Windows without Microsoft's runtime", () => {
    const windows: System = { platform: 'win32', architecture: 'x64', musl: false };
    const path = join(folder, 'own', 'libsome.so.1');
    const text = `The specified module could not be found.\r\n\\\\?\\${path}`;
    expect(explained(text, windows, path)).toEqual([
      'VC_RUNTIME',
      `Some Library 1.2.3 cannot be loaded from ${path} (The specified module could not be found.), ` +
        "most likely because Microsoft's Visual C++ runtime is missing; run winget install Microsoft.VCRedist.2015+.x64",
    ]);
  });

  test('on Windows without the addon', () => {
    const windows: System = { platform: 'win32', architecture: 'x64', musl: false };
    expect(explained('Cannot find module', windows)).toEqual([
      'LOAD',
      expect.stringMatching(/; install it again$/),
    ]);
  });

  test('on Linux with an old or missing C or C++ library', () => {
    const old = "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /a/some.node)";
    expect(explained(old)).toEqual([
      'SYSTEM_LIBRARY',
      `Some Library 1.2.3 needs a newer glibc or libstdc++ than this system has (${old}); ` +
        'use a newer Linux, such as Debian 12 or Ubuntu 22.04',
    ]);
    expect(
      explained("/lib/libstdc++.so.6: version `CXXABI_1.3.13' not found (required by /a/some.node)"),
    ).toEqual(['SYSTEM_LIBRARY', expect.stringContaining('use a newer Linux')]);
    const gone = 'libstdc++.so.6: cannot open shared object file: No such file or directory';
    expect(explained(gone)).toEqual([
      'SYSTEM_LIBRARY',
      'Some Library 1.2.3 needs libstdc++.so.6, which is not installed; ' +
        'install it (Debian, Ubuntu: apt-get install libstdc++6; Fedora: dnf install libstdc++)',
    ]);
  });

  test('on Linux with another copy of the shared library on its search path', () => {
    const other = "/opt/libsome.so.1: version `VERS_1.2.3' not found (required by /a/some.node)";
    expect(explained(other)).toEqual(['OTHER_COPY', expect.stringContaining('from /opt/libsome.so.1, and')]);
  });

  test("and keeps the system's error as its cause", () => {
    const root = join(folder, 'project', 'node_modules', '@some', 'library-linux-x64');
    const here = {
      ...library,
      packages: { [`${process.platform}-${process.arch}`]: '@some/library-linux-x64' },
    };
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'package.json'), '{ "version": "1.2.3" }');
    writeFileSync(join(root, 'some.node'), 'no library');
    const load = (): unknown => loadAddon(here, pathToFileURL(join(folder, 'project', 'a.js')).href);
    const error = thrownBy(load);
    expect(error).toBeInstanceOf(NativeError);
    expect((error as NativeError).cause).toMatchObject({ code: 'ERR_DLOPEN_FAILED' });
  });

  test('and quotes an error that it does not know', () => {
    expect(explained('/gone/some.node: file too short\nmore')).toEqual([
      'LOAD',
      'Some Library 1.2.3 cannot be loaded from /gone/some.node (/gone/some.node: file too short); ' +
        'install it again: npm install @some/library-linux-x64@1.2.3',
    ]);
  });
});
