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

/** The file of the worker, which lies beside this one unless a bundler has moved this one. */
function program(): { readonly file: URL; readonly options: WorkerOptions } {
  if (import.meta.url.endsWith('.ts')) {
    return {
      file: new URL('fromSource.mjs', import.meta.url),
      options: { execArgv: ['--conditions=@isonet/source'] },
    };
  }
  const beside = new URL('serve.js', import.meta.url);
  return { file: existsSync(fileURLToPath(beside)) ? beside : installed(), options: {} };
}

function installed(): URL {
  try {
    const face = createRequire(import.meta.url).resolve('@isonet/backend-onnx');
    return new URL('worker/serve.js', pathToFileURL(face));
  } catch (cause) {
    throw new BackendError(
      'WORKER',
      'onnx: the file of its worker is not found, as in a bundle without node_modules: keep @isonet/backend-onnx external, or use ' +
        'onnxHere, which computes on the calling thread',
      { cause },
    );
  }
}
