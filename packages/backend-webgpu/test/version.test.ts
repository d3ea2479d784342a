// The versions that the ids of plans include are the package's own and the one that it depends on.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DAWN, version } from '../src/version.ts';

test('version.ts says what package.json says', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
    readonly dependencies: Readonly<Record<string, string>>;
  };
  expect(version).toBe(manifest.version);
  expect(DAWN).toBe(`webgpu@${manifest.dependencies['webgpu']}`);
});
