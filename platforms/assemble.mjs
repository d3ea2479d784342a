// Copies one platform's files, byte for byte, from the npm package that contains the files of all platforms. Adds the
// licenses and a README that lists the digests. Runs before the platform's package is packed:
// `node assemble.mjs FOLDER [TARGET]`.
import { createHash } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * @typedef {{ name: string, from: string, bytes: number, sha256: string }} File
 * @typedef {{ name: string, version: string, for: string }} Source The npm package, and the backend that depends on it.
 * @typedef {{ title: string, from: Source, notices: string[], leftOut: Record<string, string>, platforms: Record<string, File[]> }} Library
 */

/**
 * @param {string} folder The folder of the platform's package, e.g. `onnxruntime/linux-x64`.
 * @param {string} target The folder that the files are written to.
 */
function assemble(folder, target) {
  const [libraryFolder, platform] = [dirname(folder), basename(folder)];
  const library = /** @type {Library} */ (readJson(join(libraryFolder, 'library.json')));
  const files = library.platforms[platform];
  if (files === undefined) throw new Error(`${folder}: library.json has no platform "${platform}"`);
  const manifest = readJson(join(folder, 'package.json'));
  const source = sourceFolder(library);

  mkdirSync(target, { recursive: true });
  for (const { name, from, sha256 } of files) {
    const path = join(source, from);
    const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
    if (digest !== sha256) throw new Error(`${path}: expected sha256 ${sha256}, got ${digest}`);
    link(path, join(target, name));
  }
  for (const notice of library.notices) copyFileSync(join(libraryFolder, notice), join(target, notice));
  writeFileSync(join(target, 'README.md'), readme(manifest.name, library, platform, files));
}

/** @param {Library} library */
function sourceFolder({ title, from }) {
  const require = createRequire(join(here, '..', 'packages', from.for, 'package.json'));
  const path = require.resolve(`${from.name}/package.json`);
  const { version } = readJson(path);
  if (version === from.version) return dirname(path);
  throw new Error(`${title}: library.json lists ${from.name} ${from.version}, but ${version} is installed`);
}

/**
 * @param {string} path
 * @param {string} target
 */
function link(path, target) {
  rmSync(target, { force: true });
  try {
    linkSync(path, target);
  } catch {
    copyFileSync(path, target); // a hard link cannot cross file systems
  }
}

/**
 * @param {string} name
 * @param {Library} library
 * @param {string} platform
 * @param {File[]} files
 */
function readme(name, { title, from, notices, leftOut }, platform, files) {
  const without = leftOut[platform];
  const rows = files.map(
    ({ name: file, bytes, sha256 }) => `| ${file} | ${bytes.toLocaleString('en')} | ${sha256} |`,
  );
  const lines = [
    `# ${name}`,
    '',
    `${title} ${from.version} for Node on ${platform.replace('-', ' ')}. \`@isonet/${from.for}\` installs it on such systems,`,
    'without an install script. It contains no JavaScript.',
    '',
    `Every file is byte for byte that of npm's \`${from.name}\` ${from.version}, which contains the builds for all platforms:`,
    '',
    '| file | bytes | sha256 |',
    '| ---- | ----- | ------ |',
    ...rows,
    '',
    ...(without === undefined ? [] : [`Left out: ${without}.`, '']),
    `License and notices of the library: ${notices.join(', ')}.`,
    '',
  ];
  return lines.join('\n');
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

const [folder, target = folder] = process.argv.slice(2);
if (folder === undefined || target === undefined) throw new Error('usage: node assemble.mjs FOLDER [TARGET]');
assemble(resolve(folder), resolve(target));
