// Imports a file that the user wrote. Importing it runs its code.
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { codeOf, DataError, messageOf } from '@isonet/core';
import { folderName } from '../folder/newFolder.ts';

/** A module's exports by name. */
export type Exports = Readonly<Record<string, unknown>>;

/**
 * Imports a JavaScript or TypeScript file. Types are stripped but not checked.
 * @param path the absolute path
 * @throws DataError `MODEL_FILE`, with the file and line if they are known, for a file that does not parse, imports a
 *   missing module, or throws
 */
export async function importFile(cwd: string, path: string): Promise<Exports> {
  try {
    return await (/\.m?ts$/.test(path) ? importTypeScript(path, false) : importJavaScript(path));
  } catch (cause) {
    const error = cause instanceof SyntaxError ? await withPlace(cause, path) : cause;
    const problem = missingModule(error) ?? problemOf(error);
    throw new DataError('MODEL_FILE', `${placeOf(error, cwd, path)}: ${problem}`, { cause });
  }
}

/**
 * Imports TypeScript with jiti, on any version of Node: Node 20 cannot strip types, and later versions reject some syntax. jiti's disk
 * cache stays off, because it would leave files in the user's folders.
 * @param moduleCache whether files that were imported before are not imported again, even if they have changed
 */
export async function importTypeScript(path: string, moduleCache: boolean): Promise<Exports> {
  const { createJiti } = await import('jiti');
  return createJiti(path, { fsCache: false, moduleCache, interopDefault: false }).import(path);
}

async function importJavaScript(path: string): Promise<Exports> {
  return (await import(pathToFileURL(path).href)) as Exports;
}

/** Adds the location to a syntax error. Node omits it when importing, but `--check` prints it without running the file. */
async function withPlace(error: SyntaxError, path: string): Promise<SyntaxError> {
  const { execFile } = await import('node:child_process');
  const text = await new Promise<string>((resolve) => {
    execFile(process.execPath, ['--check', path], (_, _stdout, stderr) => resolve(stderr));
  });
  return text.includes(error.message) ? Object.assign(error, { stack: text }) : error;
}

/** Describes a missing import and its fix. It never suggests installing a package whose name may be mistyped. */
function missingModule(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = codeOf(error);
  if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') return undefined;
  const name = /'([^']+)'/.exec(error.message)?.[1];
  if (name === undefined) return undefined;
  const isPackage = /^(@[\w.-]+\/)?[\w-][\w.-]*(\/|$)/.test(name);
  const own = /^(isonet|@isonet\/[^/]+)(?=\/|$)/.exec(name)?.[0];
  if (own !== undefined) return `it imports "${name}", which is not installed: npm install ${own}`;
  const fix = isPackage ? ', or install the package if that is its name' : '';
  return `it imports "${name}", which does not exist: correct the name${fix}`;
}

/** Returns the first line of an error's message, without the name of the parser's error class. */
function problemOf(error: unknown): string {
  const [line = ''] = messageOf(error).split('\n');
  return line.replace(/^ParseError: /, '').trim();
}

/** Returns `models/net.ts:12`, the innermost line of the user's own files in an error's stack, or else the file. */
export function placeOf(error: unknown, cwd: string, path: string): string {
  const shown = (file: string): string => folderName(cwd, file).shown;
  if (!(error instanceof Error)) return shown(path);
  const places = `${error.message}\n${error.stack}`.matchAll(
    /(file:\/\/\/[^\s()]+?|(?:\/|[A-Za-z]:\\)[^\n()]+?)(:\d+)(?::\d+)?\)?$/gm,
  );
  for (const [, file = '', line = ''] of places) {
    const found = file.startsWith('file:') ? fileURLToPath(file) : file;
    if (isInside(dirname(path), found)) return `${shown(found)}${line}`;
  }
  return shown(path);
}

function isInside(folder: string, file: string): boolean {
  // On Windows, the path from one drive to another is absolute.
  const short = relative(folder, file);
  const steps = short.split(sep);
  return !isAbsolute(short) && steps[0] !== '..' && !steps.includes('node_modules');
}
