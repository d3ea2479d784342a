// Starts a worker that decodes image files, from the file next to this one or, if a bundler has moved this one, from the
// installed package.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { WorkerOptions } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';

/** The worker's file, whose name is unlikely to occur in a bundle. */
const NAME = 'decodePictures.js';
const FOLDER = 'folder/workers';

/** Starts a worker. @throws Error if its file is not found because this program is bundled */
export function startWorker(): Worker {
  const { file, options } = program(import.meta.url);
  return new Worker(file, { ...options, name: 'isonet pictures' });
}

interface Program {
  readonly file: URL | string;
  readonly options: WorkerOptions;
}

/** Returns the worker's file and options. @param own the URL of this file; undefined in a CommonJS bundle */
function program(own: string | undefined): Program {
  if (own === undefined) throw notFound();
  if (own.endsWith(`/${FOLDER}/start.ts`)) {
    return { file: new URL('fromSource.mjs', own), options: { execArgv: ['--conditions=@isonet/source'] } };
  }
  const file = workerFile(own);
  // A worker inherits the options of its process, and with --input-type Node cannot start a file.
  const inherited = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''];
  return inherited.some((option) => /--input[-_]type\b/.test(option))
    ? { file: `import(${JSON.stringify(file.href)})`, options: { eval: true } }
    : { file, options: {} };
}

function workerFile(own: string): URL {
  const beside = new URL(NAME, own);
  // A bundle may happen to have a file of this name next to it.
  if (own.endsWith(`/${FOLDER}/start.js`) && exists(beside)) return beside;
  const installed = new URL(`${FOLDER}/${NAME}`, pathToFileURL(mainFileOf(own)));
  if (!exists(installed)) throw notFound();
  return installed;
}

/** Returns the main file of the installed package. @param from the file whose location determines the lookup */
function mainFileOf(from: string): string {
  try {
    return createRequire(from).resolve('@isonet/data');
  } catch (cause) {
    throw notFound({ cause });
  }
}

function exists(file: URL): boolean {
  return existsSync(fileURLToPath(file));
}

function notFound(options?: ErrorOptions): Error {
  return new Error(
    "the worker's file is not found, because this program is bundled: keep @isonet/data external",
    options,
  );
}
