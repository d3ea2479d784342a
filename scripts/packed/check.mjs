// Packs every package as it would be published and checks the tarballs: publint and arethetypeswrong, the rules for the contents, the
// installed size of the library alone, and the types with every supported compiler. test.mjs has the slower tests, which install
// packages as users do and run pages.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, step } from '../workspace.mjs';
import { checkContents } from './tarballs/contents.mjs';
import { pack, tarballsIn } from './pack.mjs';
import { checkLibrarySize } from './tarballs/librarySize.mjs';
import { inTemporaryFolder } from './temporary.mjs';
import { compileProjects, compilers, makeProjects } from './tarballs/types.mjs';

const bin = join(root, 'node_modules', '.bin');

/**
 * @param {string} tarball
 * @param {boolean} isLibrary Whether it contains modules, and therefore types.
 */
async function judge(tarball, isLibrary) {
  const linted = await run(join(bin, 'publint'), ['--strict', tarball]);
  return linted.code === 0 && isLibrary
    ? run(join(bin, 'attw'), ['--profile', 'esm-only', '--no-emoji', tarball])
    : linted;
}

/** @param {string} out */
async function check(out) {
  if (!(await step('packing', () => pack(out)))) return false;
  const tarballs = tarballsIn(out);
  // Platform packages contain a native library and no modules.
  const libraries = tarballsIn(out, ({ exports }) => exports !== undefined);
  const library = join(out, 'library');
  mkdirSync(library);
  /** A project without a lockfile, into whose node_modules the packages are unpacked. */
  const projects = join(out, 'types');
  const passed = [];
  for (const [name, tarball] of tarballs)
    passed.push(await step(name, () => judge(tarball, libraries.has(name))));
  passed.push(await checkContents(tarballs.values()));
  passed.push(await step('size', () => checkLibrarySize(libraries, library)));
  passed.push(await step('unpacking', () => makeProjects(libraries, projects)));
  for (const name of compilers) passed.push(await step(name, () => compileProjects(name, projects)));
  return !passed.includes(false);
}

if (!(await inTemporaryFolder(check))) process.exitCode = 1;
