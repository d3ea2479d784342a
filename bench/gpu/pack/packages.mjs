// Copies the built isonet, its command line and all dependencies into a flat node_modules: only files that run on linux x64, without
// types, sources and builds for other platforms.
import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { packageFolders, readManifest, root, run } from '../../../scripts/workspace.mjs';

/** The packages to copy, together with their dependencies. */
const wanted = ['isonet', '@isonet/cli'];

/** Packages that are left out: types, and sharp, because the pack contains no image files to decode. */
const unneeded = /^@types\/|^@webgpu\/types$|^sharp$/;

const codeOrData = new Set(['.js', '.cjs', '.mjs', '.json', '.node', '.wasm']);

/** Bundles of TensorFlow.js, each a copy of the whole library, which Node never loads. */
const otherBundles = /\.(min|es2017|es2017\.min|fesm|fesm\.min|umd)\.js$|_test\.js$/;

/**
 * Copies the packages and their dependencies.
 * @param {string} target The node_modules to fill.
 * @returns {Promise<readonly string[]>} `NAME VERSION` of each package.
 * @throws {Error} If a package is not built or not installed, or two versions of one are needed.
 */
export async function copyPackages(target) {
  const folders = packageFolders().map((folder) => join(root, folder));
  const ours = new Map(folders.map((folder) => [manifestOf(folder).name, folder]));
  /** @type {Map<string, string>} */
  const copied = new Map();

  /** @param {string} folder */
  async function copy(folder) {
    const { name, version, dependencies = {}, optionalDependencies = {} } = manifestOf(folder);
    const known = copied.get(name);
    if (known !== undefined && known !== version) {
      throw new Error(
        `${name}: both ${known} and ${version} are needed, but a flat node_modules can contain only one`,
      );
    }
    if (known !== undefined) return;
    copied.set(name, version);
    const to = join(target, name);
    if (folder.includes(`${sep}platforms${sep}`)) await assemble(folder, to);
    else if (ours.has(name)) copyOurs(folder, to);
    else copyTheirs(folder, to);
    const platform = Object.keys(optionalDependencies).filter((other) => other.endsWith('-linux-x64'));
    for (const other of [...Object.keys(dependencies), ...platform]) {
      if (!unneeded.test(other)) await copy(ours.get(other) ?? installed(other, folder));
    }
  }

  for (const name of wanted) await copy(ours.get(name) ?? installed(name, root));
  return [...copied].map(([name, version]) => `${name} ${version}`);
}

/** @param {string} folder */
function manifestOf(folder) {
  return readManifest(join(folder, 'package.json'));
}

/**
 * Copies the files of a native library as they are published. `assemble.mjs` creates hard links to the original files;
 * this function copies them, because copies may be changed.
 * @param {string} folder
 * @param {string} to
 */
async function assemble(folder, to) {
  const links = `${to}.links`;
  const { code, output } = await run(process.execPath, [
    join(root, 'platforms', 'assemble.mjs'),
    folder,
    links,
  ]);
  if (code !== 0) throw new Error(output.trim());
  cpSync(links, to, { recursive: true });
  rmSync(links, { recursive: true });
  cpSync(join(folder, 'package.json'), join(to, 'package.json'));
}

/**
 * Copies the files that the manifest's `files` publishes, except TypeScript and maps.
 * @param {string} folder
 * @param {string} to
 */
function copyOurs(folder, to) {
  if (!existsSync(join(folder, 'dist', 'index.js'))) {
    throw new Error(`${folder} has not been built: run npm run setup`);
  }
  const { files } = manifestOf(folder);
  const top = new Set(/** @type {string[]} */ (files).map((pattern) => pattern.split('/').at(0)));
  mkdirSync(to, { recursive: true });
  for (const name of ['package.json', ...readdirSync(folder).filter((entry) => top.has(entry))]) {
    cpSync(join(folder, name), join(to, name), {
      recursive: true,
      filter: (source) => !/\.(ts|map|tsbuildinfo)$/.test(source),
    });
  }
}

/**
 * @param {string} folder
 * @param {string} to
 */
function copyTheirs(folder, to) {
  cpSync(folder, to, {
    recursive: true,
    filter: (source) => {
      const [top] = relative(folder, source).split(sep);
      if (top === 'node_modules') return false;
      if (source.includes('@tensorflow') && otherBundles.test(source)) return false;
      const isLicence = /^licen[cs]e/i.test(basename(source));
      return statSync(source).isDirectory() || isLicence || codeOrData.has(extname(source));
    },
  });
}

/**
 * Finds the folder of a package in the same way as Node.
 * @param {string} name
 * @param {string} from
 */
function installed(name, from) {
  for (let folder = realpathSync(from); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (folder === dirname(folder))
      throw new Error(`${name}, which ${from} needs, is not installed: run npm run setup`);
  }
}
