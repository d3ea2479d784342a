// Controls TF32, a mode in which NVIDIA's libraries keep only 10 bits of the fraction in products. ONNX Runtime's
// addon has no option for it. The libraries read an environment variable when they are loaded, so TF32 is a setting
// of the whole process.
import { isMainThread } from 'node:worker_threads';
import { BackendError } from '@isonet/core';

const VARIABLE = 'NVIDIA_TF32_OVERRIDE';

/** The setting that NVIDIA's libraries were loaded with. */
let settled: boolean | undefined;

/**
 * Prepares the environment. Call it before the libraries load.
 * @returns a function that restores the environment; call it if no library loads
 * @throws BackendError `OPTION` if the libraries are loaded with the other setting, or if a worker cannot set the variable
 */
export function settleTf32(tf32: boolean): () => void {
  const before = { settled, value: process.env[VARIABLE] };
  if (settled !== undefined && settled !== tf32) {
    throw optionError(
      `this process has loaded NVIDIA's libraries with tf32: ${settled}; open with tf32: ${tf32} in a separate process`,
    );
  }
  if (isMainThread) {
    if (tf32) delete process.env[VARIABLE];
    else process.env[VARIABLE] = '0';
  } else if ((process.env[VARIABLE] !== '0') !== tf32) {
    // A worker's environment is a copy that the libraries do not read.
    const fix = tf32 ? `without ${VARIABLE}` : `with ${VARIABLE}=0`;
    throw optionError(`a worker thread cannot turn TF32 ${tf32 ? 'on' : 'off'}; start the process ${fix}`);
  }
  settled = tf32;
  return () => {
    ({ settled } = before);
    if (!isMainThread) return;
    if (before.value === undefined) delete process.env[VARIABLE];
    else process.env[VARIABLE] = before.value;
  };
}

function optionError(what: string): BackendError {
  return new BackendError('OPTION', `onnx "cuda": ${what}`);
}
