// What a packed package has to have, and what must not be in it. A rule names each violation in one line.
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
  // Nobody searches for the package of one platform.
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
    .map(
      (script) => `package.json: \`${script}\` runs on the user's machine; packages install without scripts`,
    );
  return [...missing, ...unresolved, ...scripts];
}

/** Every path that package.json leads to. @type {Rule} */
function targets({ manifest, files }) {
  const { bin = {}, browser = {}, exports } = manifest;
  const paths = [exports, bin, Object.keys(browser), browser].flatMap(strings);
  return paths
    .filter((path) => !files.has(posix.normalize(path)))
    .map((path) => `package.json leads to ${path}, which is missing`);
}

/** The strings anywhere in a JSON value. @param {unknown} value @returns {readonly string[]} */
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
    .map((path) => `${path} is of no use to a user`);
}

/** Output of a source file that is gone: `tsc -b` never deletes it. @type {Rule} */
function staleOutput({ files }) {
  return [...files.keys()]
    .filter((path) => path.startsWith('dist/'))
    .filter((path) => {
      const source = path.replace(/^dist\//, 'src/').replace(/(\.d\.ts|\.js)(\.map)?$/, '');
      return !files.has(`${source}.ts`) && !files.has(`${source}.d.ts`);
    })
    .map((path) => `${path} has no source in src/`);
}

/** Maps lead to sources, and files to maps, that are packed as well. @type {Rule} */
function maps({ files }) {
  return [...files].flatMap(([path, bytes]) => {
    const folder = posix.dirname(path);
    if (path.endsWith('.map')) {
      const { sources, sourceRoot = '' } = JSON.parse(bytes.toString());
      return sources
        .map((/** @type {string} */ source) => posix.join(folder, sourceRoot, source))
        .filter((/** @type {string} */ source) => !files.has(source))
        .map((/** @type {string} */ source) => `${path} points at ${source}, which is missing`);
    }
    const map = /\.(js|ts)$/.test(path) && /\n\/\/# sourceMappingURL=(\S+)\s*$/.exec(bytes.toString())?.[1];
    if (!map || files.has(posix.join(folder, map))) return [];
    return [`${path} names its map ${map}, which is missing`];
  });
}

const text = /(^|\/)[A-Z]+$|\.(c|m)?(js|ts|map|json|md|txt|wgsl)$/;
/** This checkout, this user's home folder, and what home folders are called elsewhere. */
const machines = [root, `${homedir()}/`, '/home/', '/Users/', '\\Users\\', 'file:///'];

/** @type {Rule} */
function pathsOfThisMachine({ files }) {
  return [...files]
    .filter(([path]) => text.test(path))
    .flatMap(([path, bytes]) =>
      machines
        .filter((machine) => bytes.includes(machine))
        .map((machine) => `${path} has a path of one machine: ${machine}`),
    );
}

/** By how a path ends; the first that fits. @type {readonly (readonly [RegExp, number])[]} */
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

/** A README leads to nothing outside its package, but to other sites. @type {Rule} */
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
 * @param {Packed} packed
 * @returns {readonly string[]} What is wrong, a line each.
 */
export function violations(packed) {
  return rules.flatMap((rule) => rule(packed));
}
