// What can compute, the fastest first. Each is found without loading it, and opened only when it is asked for; what is
// opened is what was asked for, or an error.
import type { DeviceInfo, Numerics } from '@isonet/core';
import { BackendError } from '@isonet/core';
import type { ImageKernels } from './context.ts';
import { findCuda, findTensorflow, openCuda, openTensorflow } from './library.ts';
import { portable } from './portable/index.ts';
import type { Tf } from './tf.ts';
import { startWasm } from './wasm.ts';

export type ProviderId = 'cuda' | 'tensorflow' | 'wasm' | 'cpu';

export interface Provider {
  readonly id: ProviderId;
  /** What there would be to open; undefined where something is not installed. */
  find(): DeviceInfo | undefined;
  /** @throws BackendError saying what is missing and what to do */
  open(): Promise<OpenProvider>;
}

/** A provider at work. Several share one copy of TensorFlow.js, whose current backend is a setting of the whole process. */
export interface OpenProvider {
  readonly info: DeviceInfo;
  readonly numerics: Numerics;
  readonly tf: Tf;
  /** TensorFlow.js's name of it. */
  readonly backendName: 'tensorflow' | 'wasm' | 'cpu';
  readonly images: ImageKernels;
  /** All that orders sums, but for the graph. */
  readonly fingerprint: string;
}

const wasmInfo: DeviceInfo = { id: 'wasm', kind: 'cpu', text: 'TensorFlow.js on WebAssembly, 1 thread' };
const cpuInfo: DeviceInfo = { id: 'cpu', kind: 'cpu', text: "TensorFlow.js's plain JavaScript; slow" };

/**
 * Where NaN meets wasm's convolution it comes out as -Infinity, and neither provider's max pooling passes NaN on: not
 * finite it stays, so that a step is not taken, but it is not what was asked for.
 */
const portableNumerics: Numerics = {
  float: 'float32',
  reproducible: true,
  subnormals: true,
  nonFinite: false,
};

export const providers: readonly Provider[] = [
  { id: 'cuda', find: findCuda, open: openCuda },
  { id: 'tensorflow', find: findTensorflow, open: openTensorflow },
  { id: 'wasm', find: () => wasmInfo, open: openWasm },
  { id: 'cpu', find: () => cpuInfo, open: openCpu },
];

async function openWasm(): Promise<OpenProvider> {
  const tf = await loadTfjs();
  await startWasm(tf);
  await select(tf, 'wasm');
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  const fingerprint = `tfjs ${tf.version_core} wasm${simd ? ' simd' : ''}, 1 thread`;
  const info = {
    ...wasmInfo,
    text: `TensorFlow.js ${tf.version_core} on WebAssembly${simd ? ' with SIMD' : ''}, 1 thread`,
  };
  return { info, numerics: portableNumerics, tf, backendName: 'wasm', images: portable(tf), fingerprint };
}

async function openCpu(): Promise<OpenProvider> {
  const tf = await loadTfjs();
  await select(tf, 'cpu');
  // Sums are added in float64 and rounded where they are stored, so each value is float32. exp and log are V8's.
  const fingerprint = `tfjs ${tf.version_core} cpu, v8 ${process.versions.v8}`;
  const info = { ...cpuInfo, text: `TensorFlow.js ${tf.version_core}'s plain JavaScript; slow` };
  return { info, numerics: portableNumerics, tf, backendName: 'cpu', images: portable(tf), fingerprint };
}

async function loadTfjs(): Promise<Tf> {
  const tf = await import('@tensorflow/tfjs');
  tf.enableProdMode(); // Keeps it from advertising its Node package on stderr.
  return tf;
}

/** Makes a backend the current one. TensorFlow.js would go on with another when it fails. */
async function select(tf: Tf, name: string): Promise<void> {
  const ready = await tf.setBackend(name);
  if (!ready || tf.getBackend() !== name) {
    throw new BackendError('OPEN_FAILED', `tfjs: TensorFlow.js could not start its backend "${name}"`);
  }
}
