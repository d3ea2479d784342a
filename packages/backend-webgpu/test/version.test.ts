// Tests the versions of this package and of the library that it loads, which are part of every plan id.
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
