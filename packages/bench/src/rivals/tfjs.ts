// The program of the rival TensorFlow.js: finds the library and a backend of it, WebAssembly or TensorFlow.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { defined } from '@isonet/core';
import type * as tfjsWasm from '@tensorflow/tfjs-backend-wasm';
import type { OpenRequest } from '../protocol.ts';
import { entryOf } from './packages.ts';
import { Refusal, serve } from './serve.ts';
import { TfjsCandidate } from './tfjsCandidate.ts';
import type { Tf } from './tfjsModel.ts';

type Wasm = typeof tfjsWasm;

const NODE = '@tensorflow/tfjs-node';
const DEVICES = ['tensorflow', 'wasm', 'cpu'];

await serve(async (request) => {
  const [folder = process.cwd()] = process.argv.slice(2);
  const { device } = request;
  if (device !== null && !DEVICES.includes(device)) {
    throw new Refusal(`tfjs: device: expected one of ${DEVICES.join(', ')}, got "${device}"`);
  }
  const backend = device ?? (hasBinding(folder) ? 'tensorflow' : 'wasm');
  const tf = load(backend, folder, request);
  tf.enableProdMode();
  return async (files) => {
    if (!(await tf.setBackend(backend)) || tf.getBackend() !== backend) {
      throw new Refusal(`tfjs: the backend "${backend}" does not start`);
    }
    if (request.work === 'step') checkTraining(tf, backend);
    const threads = backend === 'tensorflow' ? (process.env['TF_NUM_INTRAOP_THREADS'] ?? 'all') : '1';
    const text = `TensorFlow.js ${tf.version_core}, tf.layers, NHWC, ${backend}, ${threads} threads`;
    return new TfjsCandidate(tf, request, files, text);
  };
});

/** Whether the Node package is there and has been built or downloaded; installing it says nothing about that. */
function hasBinding(folder: string): boolean {
  const entry = entryOf(NODE, folder);
  return (
    entry !== undefined &&
    [8, 7, 6].some((napi) =>
      existsSync(join(dirname(entry), '..', 'lib', `napi-v${napi}`, 'tfjs_binding.node')),
    )
  );
}

function load(backend: string, folder: string, { threads }: OpenRequest): Tf {
  const require = createRequire(import.meta.url);
  const required = (name: string): unknown => {
    const entry = entryOf(name, folder);
    if (entry === undefined) throw new Refusal(`tfjs: ${name} is not installed; npm install ${name}@4.22.0`);
    return require(entry);
  };
  if (backend === 'tensorflow') {
    if (threads !== null) process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
    process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
    restoreUtil(require('node:util') as Record<string, unknown>);
    return required(NODE) as Tf;
  }
  const tf = required('@tensorflow/tfjs') as Tf;
  if (backend === 'wasm') {
    const name = '@tensorflow/tfjs-backend-wasm';
    const wasm = required(name) as Wasm;
    wasm.setWasmPaths(`${dirname(defined(entryOf(name, folder), name))}/`);
    if (typeof tf.findBackendFactory('wasm') !== 'function') {
      throw new Refusal(
        `tfjs: ${name} and @tensorflow/tfjs have a copy of @tensorflow/tfjs-core each; install them together`,
      );
    }
  }
  return tf;
}

/** Functions that tfjs-node calls and that Node 23 removed. */
function restoreUtil(util: Record<string, unknown>): void {
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}

function checkTraining(tf: Tf, backend: string): void {
  const missing = ['Conv2DBackpropFilter', 'MaxPoolGrad'].filter((kernel) => !tf.getKernel(kernel, backend));
  if (missing.length === 0) return;
  throw new Refusal(
    `tfjs: its backend "${backend}" has no kernel for ${missing.join(', ')}, so it trains no convolution; ` +
      `npm install ${NODE}@4.22.0, or measure the forward pass`,
  );
}
