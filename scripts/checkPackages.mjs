// Packs every package as it would be published and checks the tarballs: publint and arethetypeswrong judge each, contents
// are what a user needs, the library alone installs small and bundles for a page, and every compiler that is supported takes
// the types.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBundle } from './bundles.mjs';
import { compileProjects, compilers, makeProjects } from './consumerTypes.mjs';
import { checkLibrarySize } from './librarySize.mjs';
import { checkContents } from './packed/contents.mjs';
import { packageFolders, readManifest, root, run, step, withPnpm } from './workspace.mjs';

const bin = join(root, 'node_modules', '.bin');
const out = mkdtempSync(join(tmpdir(), 'isonet-pack-'));

/** Where the tarball of each package is, by the package's name. */
const tarballs = new Map(
  packageFolders().map((folder) => {
    const { name, version } = readManifest(join(root, 'packages', folder, 'package.json'));
    return [name, join(out, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)];
  }),
);

function pack() {
  return run(
    'npx',
    withPnpm('pnpm', '--recursive', '--workspace-concurrency=1', 'pack', '--pack-destination', out),
  );
}

/** @param {string} tarball */
async function judge(tarball) {
  const linted = await run(join(bin, 'publint'), ['--strict', tarball]);
  return linted.code === 0
    ? run(join(bin, 'attw'), ['--profile', 'esm-only', '--no-emoji', tarball])
    : linted;
}

/** @param {string} name */
function emptyFolder(name) {
  const folder = join(out, name);
  mkdirSync(folder);
  return folder;
}

async function check() {
  if (!(await step('packing', pack))) return false;
  const passed = [];
  for (const [name, tarball] of tarballs) passed.push(await step(name, () => judge(tarball)));
  passed.push(await checkContents(tarballs.values()));
  passed.push(await step('size', () => checkLibrarySize(tarballs, emptyFolder('library'))));
  const projects = emptyFolder('types');
  passed.push(await step('unpacking', () => makeProjects(tarballs, projects)));
  passed.push(await step('bundle', () => checkBundle(projects)));
  for (const name of compilers) passed.push(await step(name, () => compileProjects(name, projects)));
  return !passed.includes(false);
}

try {
  if (!(await check())) process.exitCode = 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
