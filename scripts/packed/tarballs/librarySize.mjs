// The library alone, `npm install isonet` without a backend, is small: core, models, data and isonet, and no other package.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failIf, run } from '../../workspace.mjs';
import { bytesIn, installedPaths } from '../tree.mjs';

const library = ['@isonet/core', '@isonet/data', '@isonet/models', 'isonet'];

/** What the library alone may weigh. */
export const maxBytes = 3e6;

// Runs where nothing but the library is installed: all of it loads, and a picture names the package that it lacks.
const program = `
import { decodeImage } from 'isonet';
const error = await decodeImage(new Uint8Array(), [1, 4, 4], 'a.png').catch((error) => error);
if (error?.code !== 'DECODER_MISSING') throw new Error('expected DECODER_MISSING', { cause: error });
`;

/**
 * Installs the library's tarballs into an empty folder with npm, lists and weighs what is there, and runs a program in it.
 * @param {ReadonlyMap<string, string>} tarballs By the name of the package.
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
  if (others.length > 0) return failIf(`the library brings other packages: ${others.join(', ')}`);
  const bytes = names.reduce((sum, name) => sum + bytesIn(join(modules, name)), 0);
  if (bytes >= maxBytes) return failIf(`expected under ${maxBytes} bytes, got ${bytes}`);
  return run('node', [join(folder, 'program.js')]);
}
