// Checks the library alone, as `npm install isonet` installs it without a backend: it is small, and consists of core,
// models, data and isonet only.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failIf, run } from '../../workspace.mjs';
import { bytesIn, installedPaths } from '../tree.mjs';

const library = ['@isonet/core', '@isonet/data', '@isonet/models', 'isonet'];

/** The maximum size of the library alone, in bytes. */
export const maxBytes = 3e6;

// Runs with only the library installed: checks that it loads, and that decoding an image fails with the code for a missing decoder.
const program = `
import { decodeImage } from 'isonet';
const error = await decodeImage(new Uint8Array(), [1, 4, 4], 'a.png').catch((error) => error);
if (error?.code !== 'DECODER_MISSING') throw new Error('expected DECODER_MISSING', { cause: error });
`;

/**
 * Installs the library's tarballs into an empty folder with npm, lists and measures the packages, and runs a program.
 * @param {ReadonlyMap<string, string>} tarballs The tarballs by package name.
 * @param {string} folder
 * @returns {Promise<import('../../workspace.mjs').Result>}
 */
export async function checkLibrarySize(tarballs, folder) {
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  writeFileSync(join(folder, 'program.js'), program);
  const quiet = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  const files = [...tarballs].filter(([name]) => library.includes(name)).map(([, file]) => file);
  const installed = await run('npm', ['install', '--prefix', folder, ...quiet, ...files]);
  if (installed.code !== 0) return installed;

  const modules = join(folder, 'node_modules');
  const names = installedPaths(folder).map((path) => path.replace(/^node_modules\//, ''));
  const others = names.filter((name) => !library.includes(name));
  if (others.length > 0) return failIf(`expected no other packages, got ${others.join(', ')}`);
  const bytes = names.reduce((sum, name) => sum + bytesIn(join(modules, name)), 0);
  if (bytes >= maxBytes) return failIf(`expected under ${maxBytes} bytes, got ${bytes}`);
  return run('node', [join(folder, 'program.js')]);
}
