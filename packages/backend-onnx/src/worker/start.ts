// Starts the worker of a device, from the main thread.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { WorkerOptions } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import { BackendError } from '@isonet/core';
import { shutAtExit } from './exit.ts';
import { Gate } from './gate.ts';

/** A name that no bundle has by chance. */
const NAME = 'serveOnnx.js';

export function startWorker(): Worker {
  const gate = new Gate();
  const { file, options } = program(import.meta.url);
  const worker = new Worker(file, { ...options, name: 'isonet onnx', workerData: gate.memory });
  worker.once('exit', shutAtExit(gate));
  return worker;
}

interface Program {
  readonly file: URL | string;
  readonly options: WorkerOptions;
}

/** @param own the URL of this file; undefined in a bundle in CommonJS */
function program(own: string | undefined): Program {
  if (own === undefined) throw notFound();
  if (own.endsWith('/worker/start.ts')) {
    return { file: new URL('fromSource.mjs', own), options: { execArgv: ['--conditions=@isonet/source'] } };
  }
  const file = workerFile(own);
  // A worker inherits the options of its process, and Node starts no file under this one.
  const inherited = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''];
  return inherited.some((option) => /--input[-_]type\b/.test(option))
    ? { file: `import(${JSON.stringify(file.href)})`, options: { eval: true } }
    : { file, options: {} };
}

/** The worker's file: beside this one or, where a bundler has moved this one, in the installed package. */
function workerFile(own: string): URL {
  const beside = new URL(NAME, own);
  // A bundle may have any file beside it.
  return own.endsWith('/worker/start.js') && isThere(beside) ? beside : installed(own);
}

/** @param from the file from which the package is looked for */
function installed(from: string): URL {
  let face: string;
  try {
    face = createRequire(from).resolve('@isonet/backend-onnx');
  } catch (cause) {
    throw notFound({ cause });
  }
  const file = new URL(`worker/${NAME}`, pathToFileURL(face));
  if (!isThere(file)) throw notFound();
  return file;
}

function isThere(file: URL): boolean {
  return existsSync(fileURLToPath(file));
}

function notFound(options?: ErrorOptions): BackendError {
  return new BackendError(
    'WORKER',
    "onnx: cannot find the worker's file, because this program is bundled: keep @isonet/backend-onnx external, or use onnxHere, " +
      'which computes on the calling thread',
    options,
  );
}
