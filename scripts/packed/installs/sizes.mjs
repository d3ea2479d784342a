// What each backend adds to `node_modules`, in a table; what is promised is held.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failIf, step } from '../../workspace.mjs';
import { maxBytes } from '../tarballs/librarySize.mjs';
import { bytesIn } from '../tree.mjs';

/** What is weighed together with the library. */
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
 * Weighs parts of an install with npm that has everything.
 * @param {string} folder
 * @returns {Promise<boolean>} Whether each part is as small as promised.
 */
export async function testSizes(folder) {
  let table = '';
  const passed = await step('sizes', async () => {
    const weighed = weigh(folder);
    table = weighed.table;
    return failIf(weighed.problem);
  });
  console.log(table);
  return passed;
}

/**
 * @param {string} folder
 * @returns {{ table: string, problem: string }}
 */
function weigh(folder) {
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
 * The paths of the packages that these names bring.
 * @param {Packages} packages
 * @param {readonly string[]} names
 */
function closure(packages, names) {
  /** @type {Set<string>} */
  const reached = new Set();
  /** @type {(from: string, name: string) => void} */
  const reach = (from, name) => {
    const path = resolve(packages, from, name);
    if (path === undefined || reached.has(path)) return; // undefined: an optional one of another platform
    reached.add(path);
    const { dependencies = {}, optionalDependencies = {} } = packages[path] ?? {};
    for (const other of Object.keys({ ...dependencies, ...optionalDependencies })) reach(path, other);
  };
  for (const name of names) reach('', name);
  return [...reached];
}

/**
 * Where a package finds another, as Node looks for it.
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
