// Loading: one copy of a shared library in a process, and what the systems' complaints mean.
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
import { refusal, refuseOtherCopy } from '../src/load.ts';
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

describe('a copy of the shared library that is loaded already', () => {
  const file = (name: string): string => join(folder, name, 'libsome.so.1');

  test('is refused where it is of another version', () => {
    expect(() => refuseOtherCopy(library, file('own'), [file('own'), file('other')])).toThrow(
      new NativeError(
        'OTHER_COPY',
        `another Some Library is loaded in this process already, from ${file('other')}, and a process can have only one`,
        'install some-library@1.2.3 for both (npm\'s "overrides"), take it off LD_LIBRARY_PATH, or open the backend in a process of its own',
      ),
    );
    for (const other of [join(folder, 'gone', 'libsome.so.1'), `${file('own')} (deleted)`])
      expect(() => refuseOtherCopy(library, file('own'), [other])).toThrow(`from ${other}, and`);
    expect(() => refuseOtherCopy(library, file('gone'), [file('other')])).toThrow(NativeError);
  });

  test('is taken where it has the same bytes', () => {
    expect(() => refuseOtherCopy(library, file('own'), [])).not.toThrow();
    expect(() => refuseOtherCopy(library, file('own'), [file('own'), file('same')])).not.toThrow();
    symlinkSync(file('other'), join(folder, 'link'));
    expect(() => refuseOtherCopy(library, join(folder, 'link'), [file('other')])).not.toThrow();
  });
});

describe('this process', () => {
  test('tells which shared libraries it has', () => {
    expect(loadedCopies('libsome.so.1')).toEqual([]);
    if (process.platform !== 'linux') return;
    const [libc, ...others] = loadedCopies('libc.so.6');
    expect(libc).toMatch(/^\/.*\/libc\.so\.6$/);
    expect(others).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('notices that the file of one is gone', () => {
    const path = join(folder, 'libsome.so.1');
    copyFileSync(loadedCopies('libm.so.6')[0]!, path);
    const [now, noDelete] = [2, 0x1000]; // Node unloads what is not an addon of its own
    expect(() => process.dlopen({ exports: {} }, path, now | noDelete)).toThrow('did not self-register');
    expect(loadedCopies('libsome.so.1')).toEqual([path]);
    rmSync(path);
    expect(loadedCopies('libsome.so.1')).toEqual([`${path} (deleted)`]);
  });

  test('runs on musl only where the system says so', () => {
    const { platform, architecture, musl } = thisSystem();
    expect([platform, architecture]).toEqual([process.platform, process.arch]);
    const libraries = platform === 'linux' ? readdirSync('/lib') : [];
    expect(musl).toBe(libraries.some((name) => name.startsWith('ld-musl-')));
  });
});

describe('what the system says of an addon, and what it means', () => {
  const linux: System = { platform: 'linux', architecture: 'x64', musl: false };
  const said = (text: string, system = linux, path = '/gone/some.node'): readonly [string, string] => {
    const { code, message } = refusal(library, path, new Error(text), system);
    return [code, message];
  };

  test("Windows without Microsoft's runtime", () => {
    const windows: System = { platform: 'win32', architecture: 'x64', musl: false };
    const path = join(folder, 'own', 'libsome.so.1');
    const text = `The specified module could not be found.\r\n\\\\?\\${path}`;
    expect(said(text, windows, path)).toEqual([
      'VC_RUNTIME',
      `Some Library 1.2.3 cannot be loaded from ${path} (The specified module could not be found.), ` +
        "most likely for want of Microsoft's Visual C++ runtime; winget install Microsoft.VCRedist.2015+.x64",
    ]);
  });

  test('Windows without the addon', () => {
    const windows: System = { platform: 'win32', architecture: 'x64', musl: false };
    expect(said('Cannot find module', windows)).toEqual([
      'LOAD',
      expect.stringMatching(/; install it again$/),
    ]);
  });

  test('Linux with an old C or C++ library, or without', () => {
    const old = "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /a/some.node)";
    expect(said(old)).toEqual([
      'SYSTEM_LIBRARY',
      `Some Library 1.2.3 needs a newer glibc or libstdc++ than this system has (${old}); ` +
        'use a newer Linux, such as Debian 12 or Ubuntu 22.04',
    ]);
    expect(said("/lib/libstdc++.so.6: version `CXXABI_1.3.13' not found (required by /a/some.node)")).toEqual(
      ['SYSTEM_LIBRARY', expect.stringContaining('use a newer Linux')],
    );
    const gone = 'libstdc++.so.6: cannot open shared object file: No such file or directory';
    expect(said(gone)).toEqual([
      'SYSTEM_LIBRARY',
      'Some Library 1.2.3 needs libstdc++.so.6, which is not installed; ' +
        'install it (Debian, Ubuntu: apt-get install libstdc++6; Fedora: dnf install libstdc++)',
    ]);
  });

  test('Linux with another copy of the shared library on its path', () => {
    const other = "/opt/libsome.so.1: version `VERS_1.2.3' not found (required by /a/some.node)";
    expect(said(other)).toEqual(['OTHER_COPY', expect.stringContaining('from /opt/libsome.so.1, and')]);
  });

  test('comes with what it was', () => {
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

  test('anything else', () => {
    expect(said('/gone/some.node: file too short\nmore')).toEqual([
      'LOAD',
      'Some Library 1.2.3 cannot be loaded from /gone/some.node (/gone/some.node: file too short); ' +
        'install it again: npm install @some/library-linux-x64@1.2.3',
    ]);
  });
});
