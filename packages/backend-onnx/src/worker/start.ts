// Starts the worker of a device, from the main thread.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { WorkerOptions } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import { BackendError } from '@isonet/core';
import { shutAtExit } from './exit.ts';
import { Gate } from './gate.ts';

/** The name of the worker's file, which a bundle is unlikely to contain by chance. */
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

/** Returns the worker's program. @param own the URL of this file; undefined in a CommonJS bundle */
function program(own: string | undefined): Program {
  if (own === undefined) throw notFound();
  if (own.endsWith('/worker/start.ts')) {
    return { file: new URL('fromSource.mjs', own), options: { execArgv: ['--conditions=@isonet/source'] } };
  }
  const file = workerFile(own);
  // A worker inherits the options of its process, and with --input-type Node refuses to start a worker from a file.
  const inherited = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''];
  return inherited.some((option) => /--input[-_]type\b/.test(option))
    ? { file: `import(${JSON.stringify(file.href)})`, options: { eval: true } }
    : { file, options: {} };
}

/** Returns the worker's file: next to this file or, if a bundler has moved this file, in the installed package. */
function workerFile(own: string): URL {
  const sibling = new URL(NAME, own);
  // The path is checked, too, because a bundle may be next to an unrelated file of that name.
  return own.endsWith('/worker/start.js') && exists(sibling) ? sibling : installed(own);
}

/** Finds the worker's file in the installed package. @param from the file from which the package is resolved */
function installed(from: string): URL {
  let entry: string;
  try {
    entry = createRequire(from).resolve('@isonet/backend-onnx');
  } catch (cause) {
    throw notFound({ cause });
  }
  const file = new URL(`worker/${NAME}`, pathToFileURL(entry));
  if (!exists(file)) throw notFound();
  return file;
}

function exists(file: URL): boolean {
  return existsSync(fileURLToPath(file));
}

function notFound(options?: ErrorOptions): BackendError {
  return new BackendError(
    'WORKER',
    "onnx: cannot find the worker's file, because this program is bundled; keep @isonet/backend-onnx external, or use onnxHere, " +
      'which computes on the calling thread',
    options,
  );
}
