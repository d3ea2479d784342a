// Tests that a valid package passes the rules, and that for a broken one they name the broken place.
import { expect, it } from 'vitest';
import { root } from '../../workspace.mjs';
import { violations } from '../tarballs/rules.mjs';

const manifest = {
  name: '@isonet/sound',
  version: '1.0.0',
  description: 'Sound',
  license: 'MIT',
  keywords: ['sound'],
  engines: { node: '>=20.19' },
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  files: ['dist'],
};
const files = {
  LICENSE: 'MIT',
  'README.md':
    '# Sound\n\n[use](#how-it-is-used), [more](src/index.ts)\n\n## How it is used\n\n```\n[x](y)\n```\n',
  'package.json': JSON.stringify(manifest),
  'dist/index.js': 'export {};\n//# sourceMappingURL=index.js.map',
  'dist/index.js.map': '{ "sources": ["../src/index.ts"] }',
  'dist/index.d.ts': 'export {};\n',
  'src/index.ts': 'export {};\n',
};

/** Returns the violations after changing files (undefined removes one) and fields of package.json. */
function violationsWith(
  changed: Readonly<Record<string, string | Buffer | undefined>>,
  fields: Readonly<Record<string, unknown>> = {},
): readonly string[] {
  const packed = Object.entries({ ...files, ...changed }).flatMap(([path, content]) =>
    content === undefined ? [] : [[path, Buffer.from(content)] as const],
  );
  return violations({ bytes: 0, manifest: { ...manifest, ...fields }, files: new Map(packed) });
}

it('passes a valid package', () => {
  expect(violationsWith({})).toEqual([]);
});

it.each([
  [{ LICENSE: undefined }, 'LICENSE is missing or empty'],
  [{ 'README.md': '' }, 'README.md is missing or empty'],
  [{ 'README.md': '[docs](../../docs)' }, 'README.md: ../../docs leads outside of the published files'],
  [{ 'README.md': '[docs]\n\n[docs]: docs/a.md' }, 'README.md: docs/a.md does not exist'],
  [{ 'README.md': '[use](#usage)' }, 'README.md: #usage has no such anchor'],
  [{ 'test/a.test.ts': '' }, 'test/a.test.ts is useless to users: leave it out'],
  [{ 'dist/tsconfig.tsbuildinfo': '' }, 'dist/tsconfig.tsbuildinfo is useless to users: leave it out'],
  [{ 'dist/gone.js': '' }, 'dist/gone.js has no source in src/'],
  [
    { 'dist/index.js.map': '{ "sources": ["../src/a.ts"] }' },
    'dist/index.js.map refers to src/a.ts, which is missing',
  ],
  [{ 'dist/index.js.map': undefined }, 'dist/index.js refers to its map index.js.map, which is missing'],
  [{ 'src/index.ts': `// ${root}a.ts` }, `src/index.ts contains a path of one machine: ${root}`],
  [
    { 'ThirdPartyNotices.txt': Buffer.alloc(400_001) },
    'ThirdPartyNotices.txt: expected at most 400000 bytes, got 400001',
  ],
  [{ 'src/index.ts': Buffer.alloc(300_001) }, 'src/index.ts: expected at most 300000 bytes, got 300001'],
])('%o: %s', (changed, violation) => {
  expect(violationsWith(changed)).toContain(violation);
});

it.each([
  [{ license: undefined }, 'package.json: `license` is missing or empty'],
  [
    { exports: { './a': { default: './dist/a.js' } } },
    'package.json refers to ./dist/a.js, which is missing',
  ],
  [{ bin: { sound: './bin/sound.js' } }, 'package.json refers to ./bin/sound.js, which is missing'],
  [{ browser: { './dist/node.js': false } }, 'package.json refers to ./dist/node.js, which is missing'],
  [
    { dependencies: { '@isonet/core': 'workspace:*' } },
    'package.json: dependencies has @isonet/core workspace:*, which npm cannot install',
  ],
  [
    { scripts: { postinstall: 'node fetch.js' } },
    "package.json: `postinstall` runs on the user's machine: remove the install script",
  ],
])('package.json with %o: %s', (fields, violation) => {
  expect(violationsWith({}, fields)).toContain(violation);
});
