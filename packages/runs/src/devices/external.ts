// Loads an external backend, an npm package or a file that the user names. Loading it runs its code.
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Backend } from '@isonet/core';
import { BackendError, codeOf, messageOf } from '@isonet/core';
import type { BackendEntry, ExpectedFailures } from './backends.ts';
import { nearest, unknownName, UsageError } from '../errors.ts';
import { type Exports, importTypeScript } from '../ownModel/importFile.ts';

const CONTRACT = 2;

/** A backend from outside isonet, and how to import it. */
export interface ExternalBackend extends BackendEntry {
  /** The name of a package, or the URL of a file. */
  readonly module: string;
  /** The name of the export. */
  readonly exported: string;
}

/**
 * Loads the backend that a package or a file exports, in JavaScript or TypeScript: its default export, or else its only
 * export that is a backend.
 * Also returns the export `xfail`, if the module has one.
 * @param name `some-package`, or a path relative to `cwd`
 * @param known the names to suggest for a mistyped one
 * @returns the backend, and how a script in another folder imports it
 * @throws UsageError for an unknown name; BackendError for a module that is missing, does not load, exports no backend,
 *   or exports one for another version of the contract or a malformed `xfail`
 */
export async function externalBackend(
  name: string,
  cwd: string,
  known: readonly string[],
): Promise<ExternalBackend> {
  if (name === 'auto' || name === '') {
    throw new UsageError(
      `--backend "${name}": expected one of ${known.join(', ')}, an npm package or a file`,
    );
  }
  const found = await locate(name, cwd);
  if (found === undefined) {
    if (nearest(name, known) !== undefined) throw unknownName('backend', name, known);
    // Do not suggest installing the package: for a mistyped name, it may be a stranger's.
    throw new BackendError(
      'NOT_FOUND',
      isPath(name)
        ? `backend "${name}": no such file, and no package in such a folder`
        : `unknown backend "${name}": expected one of ${known.join(', ')}, an installed npm package, or the path of a file or package, such as ./mine.js`,
    );
  }
  const { url, isPackage } = found;
  const exports = await load(name, url);
  const [exported, backend] = pick(name, exports);
  checkContract(name, backend);
  const { xfail } = exports;
  checkExpectedFailures(name, xfail);
  return {
    name: backend.name,
    load: () => Promise.resolve(backend),
    // A relative path would not work from another folder.
    module: isPackage ? name : url,
    exported,
    ...(xfail === undefined ? {} : { xfail }),
  };
}

interface Location {
  readonly url: string;
  /** Whether the name is that of a package, which other folders can import by the same name. Otherwise, it is a path. */
  readonly isPackage: boolean;
}

/** Resolves the URL to import; undefined if nothing has that name. */
async function locate(name: string, cwd: string): Promise<Location | undefined> {
  const path = resolve(cwd, name);
  const found = await stat(path).catch(() => undefined);
  const entry = found?.isDirectory() ? await entryOf(path) : undefined;
  const file = found?.isFile() ? pathToFileURL(path).href : entry;
  if (file !== undefined) return { url: file, isPackage: false };
  const url = isPath(name) ? undefined : await importable(name, join(cwd, 'anything.js'));
  return url === undefined ? undefined : { url, isPackage: true };
}

/** Returns whether a name can only be a path: `./mine.js`, `..`, `/opt/mine`. */
export function isPath(name: string): boolean {
  return isAbsolute(name) || /^\.\.?([/\\]|$)/.test(name);
}

/** Resolves the entry of a package's folder: "." in the `exports` of its package.json, or else its `main`. */
async function entryOf(folder: string): Promise<string | undefined> {
  const manifest = join(folder, 'package.json');
  try {
    const { name } = JSON.parse(await readFile(manifest, 'utf8')) as { readonly name?: unknown };
    const own = typeof name === 'string' ? await importable(name, manifest) : undefined;
    return own ?? pathToFileURL(createRequire(manifest).resolve(folder)).href;
  } catch {
    return undefined;
  }
}

/**
 * Resolves a name as an `import` in the file `from` would. Only the ESM rules find a package whose exports have no
 * `require`.
 */
async function importable(name: string, from: string): Promise<string | undefined> {
  const { resolve: resolveImport } = await import('import-meta-resolve');
  try {
    return resolveImport(name, pathToFileURL(from).href);
  } catch {
    return undefined;
  }
}

async function load(name: string, url: string): Promise<Exports> {
  try {
    return await importAny(url);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new BackendError('NOT_LOADED', `backend "${name}" does not load: ${reason}`, { cause });
  }
}

/** Imports a module in JavaScript or TypeScript. Node 20 cannot strip types, so it needs jiti for TypeScript. */
async function importAny(url: string): Promise<Exports> {
  try {
    return (await import(url)) as Exports;
  } catch (error) {
    if (codeOf(error) !== 'ERR_UNKNOWN_FILE_EXTENSION' || !/\.[cm]?ts$/.test(url)) throw error;
  }
  return importTypeScript(fileURLToPath(url), true);
}

/** Finds the backend in the exports of a module. @returns the name of its export, and the backend */
function pick(name: string, exported: Exports): readonly [string, AnyBackend] {
  const { default: main } = exported;
  if (isBackend(main)) return ['default', main];
  const candidates = Object.entries(exported).flatMap(([key, value]) =>
    isBackend(value) ? [[key, value] as const] : [],
  );
  const [first] = candidates;
  if (first && candidates.length === 1) return first;
  const all = Object.keys(exported);
  const others = all.length === 0 ? 'nothing' : all.join(', ');
  const what =
    candidates.length === 0
      ? `no backend (a value with name, probe and open), only: ${others}`
      : `several backends, but none as the default export: ${candidates.map(([key]) => key).join(', ')}`;
  throw new BackendError('NO_BACKEND', `"${name}" exports ${what}`);
}

/** A backend for any version of the contract. */
type AnyBackend = Omit<Backend, 'contract'> & { readonly contract?: unknown };

function isBackend(value: unknown): value is AnyBackend {
  if (typeof value !== 'object' || value === null) return false;
  const { name, probe, open } = value as Partial<Record<keyof Backend, unknown>>;
  return typeof name === 'string' && typeof probe === 'function' && typeof open === 'function';
}

/** @throws BackendError `CONTRACT` for a backend that was written for another version of the contract */
function checkContract(name: string, backend: AnyBackend): asserts backend is Backend {
  const { contract } = backend;
  if (contract === CONTRACT) return;
  const got = contract === undefined ? 'none' : JSON.stringify(contract);
  const older = typeof contract !== 'number' || contract < CONTRACT;
  const fix = older ? `install a version for contract ${CONTRACT}` : 'install a newer isonet';
  throw new BackendError(
    'CONTRACT',
    `backend "${name}": expected \`contract: ${CONTRACT}\`, got ${got}; ${fix}`,
  );
}

/** @throws BackendError `XFAIL` for a list that is not keyed by device */
function checkExpectedFailures(name: string, xfail: unknown): asserts xfail is ExpectedFailures | undefined {
  if (xfail === undefined || isExpectedFailures(xfail)) return;
  throw new BackendError(
    'XFAIL',
    `"${name}" exports an \`xfail\` that is not keyed by device; write { cpu: { 'conv2d/3x3': 'the reason' } }`,
  );
}

function isExpectedFailures(value: unknown): value is ExpectedFailures {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every(
    (faults: unknown) =>
      typeof faults === 'object' &&
      faults !== null &&
      Object.values(faults).every((reason) => typeof reason === 'string'),
  );
}
