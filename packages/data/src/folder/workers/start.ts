// Starts a worker that decodes pictures: from its file beside this one or, where a bundler has moved this one, from the installed
// package.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { WorkerOptions } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';

/** A name that no bundle has by chance. */
const NAME = 'decodePictures.js';
const FOLDER = 'folder/workers';

/** @throws when the worker's file is not found, because this program is bundled */
export function startWorker(): Worker {
  const { file, options } = program(import.meta.url);
  return new Worker(file, { ...options, name: 'isonet pictures' });
}

interface Program {
  readonly file: URL | string;
  readonly options: WorkerOptions;
}

/** @param own the URL of this file; undefined in a bundle in CommonJS */
function program(own: string | undefined): Program {
  if (own === undefined) throw notFound();
  if (own.endsWith(`/${FOLDER}/start.ts`)) {
    return { file: new URL('fromSource.mjs', own), options: { execArgv: ['--conditions=@isonet/source'] } };
  }
  const file = workerFile(own);
  // A worker inherits the options of its process, and Node starts no file under this one.
  const inherited = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''];
  return inherited.some((option) => /--input[-_]type\b/.test(option))
    ? { file: `import(${JSON.stringify(file.href)})`, options: { eval: true } }
    : { file, options: {} };
}

function workerFile(own: string): URL {
  const beside = new URL(NAME, own);
  // A bundle may have any file beside it.
  if (own.endsWith(`/${FOLDER}/start.js`) && isThere(beside)) return beside;
  const installed = new URL(`${FOLDER}/${NAME}`, pathToFileURL(faceOf(own)));
  if (!isThere(installed)) throw notFound();
  return installed;
}

/** The file of the installed package. @param from the file from which it is looked for */
function faceOf(from: string): string {
  try {
    return createRequire(from).resolve('@isonet/data');
  } catch (cause) {
    throw notFound({ cause });
  }
}

function isThere(file: URL): boolean {
  return existsSync(fileURLToPath(file));
}

function notFound(options?: ErrorOptions): Error {
  return new Error(
    "the worker's file is not found, because this program is bundled: keep @isonet/data external",
    options,
  );
}
