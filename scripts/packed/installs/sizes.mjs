// Prints what each backend adds to `node_modules`, and checks the promised sizes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failIf, step } from '../../workspace.mjs';
import { maxBytes } from '../tarballs/librarySize.mjs';
import { bytesIn } from '../tree.mjs';

/** The packages that are measured together with the library. */
const additions = [
  '@isonet/backend-onnx',
  '@isonet/backend-reference',
  '@isonet/backend-webgpu',
  '@isonet/backend-tfjs',
  '@isonet/cli',
];

const promised = new Map([
  ['isonet', maxBytes],
  ['isonet @isonet/backend-onnx', 60e6],
]);

/**
 * Measures parts of an npm install that contains all packages.
 * @param {string} folder
 * @returns {Promise<boolean>} Whether each part is as small as promised.
 */
export async function testSizes(folder) {
  let table = '';
  const passed = await step('sizes', async () => {
    const measured = measure(folder);
    table = measured.table;
    return failIf(measured.problem);
  });
  console.log(table);
  return passed;
}

/**
 * @param {string} folder
 * @returns {{ table: string, problem: string }}
 */
function measure(folder) {
  const lock = readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8');
  /** @type {Packages} */
  const packages = JSON.parse(lock).packages;
  const rows = [['isonet'], ...additions.map((name) => ['isonet', name])].map((names) => {
    const paths = closure(packages, names);
    const bytes = paths.reduce((sum, path) => sum + bytesOfPackage(folder, packages, path), 0);
    return { names: names.join(' '), packages: paths.length, bytes };
  });
  const table = rows.map(
    (row) =>
      `  ${row.names.padEnd(32)} ${String(row.packages).padStart(4)} packages ${megabytes(row.bytes).padStart(9)}`,
  );
  const problems = rows
    .filter(({ names, bytes }) => bytes > (promised.get(names) ?? Infinity))
    .map(
      ({ names, bytes }) =>
        `${names}: expected at most ${megabytes(promised.get(names) ?? 0)}, got ${megabytes(bytes)}`,
    );
  return { table: table.join('\n'), problem: problems.join('\n') };
}

/** @typedef {Readonly<Record<string, { dependencies?: object, optionalDependencies?: object }>>} Packages */

/**
 * Returns the paths of the named packages and all their dependencies.
 * @param {Packages} packages
 * @param {readonly string[]} names
 */
function closure(packages, names) {
  /** @type {Set<string>} */
  const reached = new Set();
  /** @type {(from: string, name: string) => void} */
  const reach = (from, name) => {
    const path = resolve(packages, from, name);
    if (path === undefined || reached.has(path)) return; // undefined: an optional dependency for another platform
    reached.add(path);
    const { dependencies = {}, optionalDependencies = {} } = packages[path] ?? {};
    for (const other of Object.keys({ ...dependencies, ...optionalDependencies })) reach(path, other);
  };
  for (const name of names) reach('', name);
  return [...reached];
}

/**
 * Resolves a package from another one in the same way as Node.
 * @param {Packages} packages
 * @param {string} from
 * @param {string} name
 */
function resolve(packages, from, name) {
  for (let at = from; ; at = at.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const path = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (path in packages) return path;
    if (at === '') return undefined;
  }
}

/**
 * @param {string} folder
 * @param {Packages} packages
 * @param {string} path
 */
function bytesOfPackage(folder, packages, path) {
  const nested = Object.keys(packages).filter(
    (other) =>
      other.startsWith(`${path}/node_modules/`) && !other.slice(path.length + 14).includes('/node_modules/'),
  );
  return nested.reduce((sum, other) => sum - bytesIn(join(folder, other)), bytesIn(join(folder, path)));
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
