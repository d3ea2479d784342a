// Tests the versions of this package and of the library that it loads, which are part of every plan id.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { library } from '../src/runtime/library.ts';
import { VERSION } from '../src/runtime/web/runtime.ts';
import { version } from '../src/version.ts';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as object;

test('version.ts and the version of the library agree with package.json', () => {
  expect(manifest).toMatchObject({
    version,
    dependencies: { 'onnxruntime-common': library.version },
    devDependencies: { 'onnxruntime-node': library.version, 'onnxruntime-web': VERSION },
  });
});

test('a project with other versions of the libraries can install this package', () => {
  expect(manifest).toMatchObject({
    peerDependencies: { 'onnxruntime-node': '*', 'onnxruntime-web': '*' },
    peerDependenciesMeta: { 'onnxruntime-node': { optional: true }, 'onnxruntime-web': { optional: true } },
  });
});
