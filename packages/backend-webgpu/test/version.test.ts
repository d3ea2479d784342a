// Tests that plan ids contain the version of this package and that of the library that it loads.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { library } from '../src/adapters/addon.ts';
import { DAWN, version } from '../src/version.ts';

test('version.ts agrees with package.json', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  expect(version).toBe(manifest.version);
  expect(library.version).toBe(manifest.devDependencies['webgpu']);
  expect(DAWN).toBe(`webgpu@${library.version}`);
});
