// Starts the worker of a device, from the main thread.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { WorkerOptions } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import { BackendError } from '@isonet/core';
import { shutAtExit } from './exit.ts';
import { Gate } from './gate.ts';

export function startWorker(): Worker {
  const gate = new Gate();
  const { file, options } = program();
  const worker = new Worker(file, { ...options, name: 'isonet onnx', workerData: gate.memory });
  worker.once('exit', shutAtExit(gate));
  return worker;
}

/** The worker's file: next to this one, unless a bundler moved this one. */
function program(): { readonly file: URL; readonly options: WorkerOptions } {
  const own: string | undefined = import.meta.url; // Undefined in a bundle in CommonJS.
  if (own === undefined) throw notFound();
  if (own.endsWith('.ts')) {
    return {
      file: new URL('fromSource.mjs', own),
      options: { execArgv: ['--conditions=@isonet/source'] },
    };
  }
  const beside = new URL('serve.js', own);
  return { file: existsSync(fileURLToPath(beside)) ? beside : installed(own), options: {} };
}

/** The file of the package that is installed. @param from the file from which it is looked for */
function installed(from: string): URL {
  try {
    const face = createRequire(from).resolve('@isonet/backend-onnx');
    return new URL('worker/serve.js', pathToFileURL(face));
  } catch (cause) {
    throw notFound({ cause });
  }
}

function notFound(options?: ErrorOptions): BackendError {
  return new BackendError(
    'WORKER',
    'onnx: the file of its worker is not found, as in a bundle without node_modules: keep @isonet/backend-onnx external, or use ' +
      'onnxHere, which computes on the calling thread',
    options,
  );
}
