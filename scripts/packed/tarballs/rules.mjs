// The rules for the contents of a packed package. A rule reports each violation in one line.
import { homedir } from 'node:os';
import { posix } from 'node:path';
import { linkProblems } from '../../links.mjs';
import { installScripts, root } from '../../workspace.mjs';

/** @typedef {import('./tarball.mjs').Packed} Packed */
/** @typedef {(packed: Packed) => readonly string[]} Rule */

/** @type {Rule} */
function required({ files }) {
  return ['LICENSE', 'README.md', 'package.json']
    .filter((path) => (files.get(path)?.length ?? 0) === 0)
    .map((path) => `${path} is missing or empty`);
}

/** @type {Rule} */
function fields({ manifest }) {
  // A platform package needs no keywords, because users do not search for it.
  const found = manifest['os'] === undefined ? ['keywords'] : [];
  const missing = ['name', 'version', 'description', 'license', 'engines', 'files', ...found]
    .filter((field) => strings(manifest[field]).every((value) => value === ''))
    .map((field) => `package.json: \`${field}\` is missing or empty`);
  const unresolved = ['dependencies', 'optionalDependencies', 'peerDependencies'].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {})
      .filter(([, range]) => String(range).startsWith('workspace:'))
      .map(([name, range]) => `package.json: ${kind} has ${name} ${range}, which npm cannot install`),
  );
  const scripts = installScripts
    .filter((script) => manifest.scripts?.[script] !== undefined)
    .map((script) => `package.json: \`${script}\` runs on the user's machine: remove the install script`);
  return [...missing, ...unresolved, ...scripts];
}

/** Checks every path that package.json refers to. @type {Rule} */
function targets({ manifest, files }) {
  const { bin = {}, browser = {}, exports } = manifest;
  const paths = [exports, bin, Object.keys(browser), browser].flatMap(strings);
  return paths
    .filter((path) => !files.has(posix.normalize(path)))
    .map((path) => `package.json refers to ${path}, which is missing`);
}

/** Collects the strings anywhere in a JSON value. @param {unknown} value @returns {readonly string[]} */
function strings(value) {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}

const unwanted =
  /(^|\/)(tests?|fixtures|node_modules|\.[^/]+)\/|\.(test|spec)\.|\.tsbuildinfo$|(^|\/)tsconfig/;

/** @type {Rule} */
function onlyWhatUsersNeed({ files }) {
  return [...files.keys()]
    .filter((path) => unwanted.test(path))
    .map((path) => `${path} is useless to users: leave it out`);
}

/** Finds output of deleted source files, which `tsc -b` never deletes. @type {Rule} */
function staleOutput({ files }) {
  return [...files.keys()]
    .filter((path) => path.startsWith('dist/'))
    .filter((path) => {
      const source = path.replace(/^dist\//, 'src/').replace(/(\.d\.ts|\.js)(\.map)?$/, '');
      return !files.has(`${source}.ts`) && !files.has(`${source}.d.ts`);
    })
    .map((path) => `${path} has no source in src/`);
}

/** Checks that maps refer to packed sources, and files to packed maps. @type {Rule} */
function maps({ files }) {
  return [...files].flatMap(([path, bytes]) => {
    const folder = posix.dirname(path);
    if (path.endsWith('.map')) {
      const { sources, sourceRoot = '' } = JSON.parse(bytes.toString());
      return sources
        .map((/** @type {string} */ source) => posix.join(folder, sourceRoot, source))
        .filter((/** @type {string} */ source) => !files.has(source))
        .map((/** @type {string} */ source) => `${path} refers to ${source}, which is missing`);
    }
    const map = /\.(js|ts)$/.test(path) && /\n\/\/# sourceMappingURL=(\S+)\s*$/.exec(bytes.toString())?.[1];
    if (!map || files.has(posix.join(folder, map))) return [];
    return [`${path} refers to its map ${map}, which is missing`];
  });
}

const text = /(^|\/)[A-Z]+$|\.(c|m)?(js|ts|map|json|md|txt|wgsl)$/;
/** This checkout, this user's home folder, and the usual parents of home folders. */
const machines = [root, `${homedir()}/`, '/home/', '/Users/', '\\Users\\', 'file:///'];

/** @type {Rule} */
function pathsOfThisMachine({ files }) {
  return [...files]
    .filter(([path]) => text.test(path))
    .flatMap(([path, bytes]) =>
      machines
        .filter((machine) => bytes.includes(machine))
        .map((machine) => `${path} contains a path of one machine: ${machine}`),
    );
}

/** The maximum size by path pattern; the first match applies. @type {readonly (readonly [RegExp, number])[]} */
const maxBytes = [
  [/\.(node|dll|dylib)$|\.so(\.\d+)*$/, 60e6],
  [/\.idx\.gz$/, 4e6],
  [/^ThirdPartyNotices\.txt$/, 4e5],
  [/./, 3e5],
];

/** @type {Rule} */
function sizes({ files }) {
  return [...files].flatMap(([path, { length }]) => {
    const [, max] = maxBytes.find(([pattern]) => pattern.test(path)) ?? [path, 0];
    return length <= max ? [] : [`${path}: expected at most ${max} bytes, got ${length}`];
  });
}

/** Checks that the relative links of a README stay inside its package. @type {Rule} */
function links({ files }) {
  return linkProblems([...files.keys()], (path) => String(files.get(path)));
}

/** @type {readonly Rule[]} */
const rules = [
  required,
  fields,
  targets,
  onlyWhatUsersNeed,
  staleOutput,
  maps,
  pathsOfThisMachine,
  sizes,
  links,
];

/**
 * Applies all rules to a package.
 * @param {Packed} packed
 * @returns {readonly string[]} The violations, a line each.
 */
export function violations(packed) {
  return rules.flatMap((rule) => rule(packed));
}
