// The versions that the ids of plans include are the package's own and that of the library that it loads.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { library } from '../src/runtime/library.ts';
import { version } from '../src/version.ts';

test('version.ts and the library are those of package.json', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as object;
  expect(manifest).toMatchObject({
    version,
    dependencies: { 'onnxruntime-common': library.version },
    devDependencies: { 'onnxruntime-node': library.version },
  });
});
