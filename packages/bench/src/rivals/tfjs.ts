// The program of the rival TensorFlow.js. Loads the library with one of its backends, WebAssembly or TensorFlow.
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { defined } from '@isonet/core';
import type * as tfjsWasm from '@tensorflow/tfjs-backend-wasm';
import type { OpenRequest } from '../protocol.ts';
import { entryOf, npmInstall } from './packages.ts';
import type { Package } from './packages.ts';
import { checkNoTf32, Refusal, serve, threadsText } from './serve.ts';
import { TfjsCandidate } from './tfjsCandidate.ts';
import type { Tf } from './tfjsModel.ts';
import { missingTfjsNode, namedFolder, TFJS_NODE, tfjsNodeOf } from './tfjsNode.ts';

type Wasm = typeof tfjsWasm;

const DEVICES = ['tensorflow', 'wasm', 'cpu'];

await serve(async (request) => {
  const [folder = process.cwd()] = process.argv.slice(2);
  const { device } = request;
  if (device !== null && !DEVICES.includes(device)) {
    throw new Refusal(`tfjs-layers: device: expected one of ${DEVICES.join(', ')}, got "${device}"`);
  }
  checkNoTf32('tfjs-layers', request);
  // If the user names a folder for TensorFlow, never ignore it silently.
  const wantsTensorflow = namedFolder(folder) !== undefined || tfjsNodeOf(folder) !== undefined;
  const backend = device ?? (wantsTensorflow ? 'tensorflow' : 'wasm');
  const tf = load(backend, folder, request);
  tf.enableProdMode();
  return async (files) => {
    if (!(await tf.setBackend(backend)) || tf.getBackend() !== backend) {
      throw new Refusal(`tfjs-layers: the backend "${backend}" does not start`);
    }
    if (request.work === 'step') checkTraining(tf, backend);
    const threads = threadsText(backend === 'tensorflow' ? tensorflowThreads() : 1);
    const text = `TensorFlow.js ${tf.version_core}, tf.layers, NHWC, ${backend}, ${threads}`;
    return new TfjsCandidate(tf, request, files, text);
  };
});

/** Returns the number of threads: TensorFlow uses every available processor, unless the variable has a number above 0. */
function tensorflowThreads(): number {
  const requested = Number(process.env['TF_NUM_INTRAOP_THREADS']);
  return Number.isInteger(requested) && requested > 0 ? requested : availableParallelism();
}

function load(backend: string, folder: string, { threads }: OpenRequest): Tf {
  const require = createRequire(import.meta.url);
  const required = (name: Package): unknown => {
    const entry = entryOf(name, folder);
    if (entry === undefined) throw new Refusal(`tfjs-layers: ${name} is not installed; ${npmInstall(name)}`);
    return require(entry);
  };
  if (backend === 'tensorflow') {
    const entry = tfjsNodeOf(folder);
    if (entry === undefined) throw new Refusal(`tfjs-layers: ${missingTfjsNode(folder)}`);
    if (threads !== null) process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
    process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
    restoreUtil(require('node:util') as Record<string, unknown>);
    return require(entry) as Tf;
  }
  const tf = required('@tensorflow/tfjs') as Tf;
  if (backend === 'wasm') {
    const name = '@tensorflow/tfjs-backend-wasm';
    const wasm = required(name) as Wasm;
    wasm.setWasmPaths(`${dirname(defined(entryOf(name, folder), name))}/`);
    if (typeof tf.findBackendFactory('wasm') !== 'function') {
      throw new Refusal(
        `tfjs-layers: ${name} and @tensorflow/tfjs have separate copies of @tensorflow/tfjs-core; install them together`,
      );
    }
  }
  return tf;
}

/** Restores functions that tfjs-node calls but Node 23 has removed. */
function restoreUtil(util: Record<string, unknown>): void {
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}

function checkTraining(tf: Tf, backend: string): void {
  const missing = ['Conv2DBackpropFilter', 'MaxPoolGrad'].filter((kernel) => !tf.getKernel(kernel, backend));
  if (missing.length === 0) return;
  throw new Refusal(
    `tfjs-layers: its backend "${backend}" has no kernel for ${missing.join(', ')}, so it cannot train convolutions; ` +
      `${npmInstall(TFJS_NODE)}, or measure the forward pass`,
  );
}
