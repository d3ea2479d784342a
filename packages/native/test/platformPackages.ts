// Defines the tests of a library's platform packages, for the backend that depends on them: the packed files are byte for byte
// those of the library's own npm package, and the manifests let npm choose the package for the system.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NativeLibrary } from '../src/library.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const platforms = join(root, 'platforms');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly os: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly files: readonly string[];
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/**
 * Defines the tests of a library's platform packages.
 * @param folder the folder of the packages, under platforms/
 * @param backend the folder of the backend that depends on them, under packages/
 */
export function describePlatformPackages(folder: string, library: NativeLibrary, backend: string): void {
  let target: string;
  beforeAll(() => {
    target = mkdtempSync(join(tmpdir(), 'isonet-platforms-'));
  });
  afterAll(() => rmSync(target, { recursive: true }));

  const require = createRequire(join(root, 'packages', backend, 'package.json'));
  const original = dirname(require.resolve(`${library.original.name}/package.json`));
  const names = readdirSync(join(platforms, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

  test('contains the packages that the backend looks up and depends on, at the version of the library', () => {
    const manifests = names.map((name) => readManifest(join(platforms, folder, name)));
    const packages = manifests.map(({ name }) => name).toSorted();
    expect([...new Set(Object.values(library.packages))].toSorted()).toEqual(packages);
    expect(new Set(manifests.map(({ version }) => version))).toEqual(new Set([library.version]));
    const { optionalDependencies } = JSON.parse(
      readFileSync(join(root, 'packages', backend, 'package.json'), 'utf8'),
    ) as { readonly optionalDependencies: object };
    expect(Object.keys(optionalDependencies).toSorted()).toEqual(packages);
    for (const [system, name] of Object.entries(library.packages)) {
      const [platform = '', architecture = ''] = system.split('-');
      const { os, cpu = ['x64', 'arm64'], libc } = manifests.find((one) => one.name === name) as Manifest;
      expect([os, libc]).toEqual([[platform], platform === 'linux' ? ['glibc'] : undefined]);
      expect(cpu).toContain(architecture);
    }
  });

  test.each(names)('%s contains the original files', (name) => {
    const out = join(target, name);
    execFileSync('node', [join(platforms, 'assemble.mjs'), join(platforms, folder, name), out]);
    const { files, os, cpu } = readManifest(join(platforms, folder, name));
    expect(readdirSync(out).toSorted()).toEqual(['README.md', ...files].toSorted());
    const readme = readFileSync(join(out, 'README.md'), 'utf8');
    const addon = library.original.addon(os.join(), cpu?.join() ?? 'arm64');
    for (const file of files.filter((one) => !/^(LICENSE|ThirdPartyNotices.txt)$/.test(one))) {
      const source = join(original, dirname(addon), file);
      expect([file, digest(join(out, file))]).toEqual([file, digest(source)]);
      const { size } = statSync(source);
      expect(readme).toMatch(new RegExp(`${size.toLocaleString('en')} +\\| ${digest(source)} \\|`));
    }
    const { leftOut } = JSON.parse(readFileSync(join(platforms, folder, 'library.json'), 'utf8')) as {
      readonly leftOut: Readonly<Record<string, string>>;
    };
    expect(/^Left out: (.*)\.$/m.exec(readme)?.[1]).toBe(leftOut[name]);
    expect(files).toContain(library.addon);
    expect(files.join()).not.toMatch(/DirectML|dxil|d3dcompiler/);
  });

  test.each([
    ['with other bytes', /"sha256": "\w+"/, `"sha256": "0"`, 'expected sha256 0, got '],
    ['of another version', /"version": "[^"]+"/, '"version": "0.0.1"', 'library.json lists '],
  ])('rejects an original %s', (_, pattern, replacement, message) => {
    const changed = mkdtempSync(join(target, 'changed-'));
    const text = readFileSync(join(platforms, folder, 'library.json'), 'utf8');
    writeFileSync(join(changed, 'library.json'), text.replace(pattern, replacement));
    const [platform] = Object.keys((JSON.parse(text) as { readonly platforms: object }).platforms);
    const own = join(changed, String(platform));
    mkdirSync(own);
    writeFileSync(join(own, 'package.json'), '{}');
    const assembled = (): Buffer =>
      execFileSync('node', [join(platforms, 'assemble.mjs'), own], { stdio: 'pipe' });
    expect(assembled).toThrow(message);
  });

  test('rejects a platform without digests', () => {
    const unknown = join(platforms, folder, 'solaris-x64');
    const assembled = (): Buffer =>
      execFileSync('node', [join(platforms, 'assemble.mjs'), unknown, target], { stdio: 'pipe' });
    expect(assembled).toThrow('library.json has no platform "solaris-x64"');
  });
}
