// TF32, in which NVIDIA's libraries multiply with 10 bits of the fraction unless the environment says otherwise when they are
// loaded: ONNX Runtime's addon has no option for it. So it is a setting of the whole process.
import { isMainThread } from 'node:worker_threads';
import { BackendError } from '@isonet/core';

const VARIABLE = 'NVIDIA_TF32_OVERRIDE';

/** What NVIDIA's libraries were loaded with. */
let settled: boolean | undefined;

/**
 * Prepares the environment. Call before the libraries load.
 * @returns what undoes it, for when none of them loads
 * @throws BackendError `OPTION` when they are loaded with the other setting, or a worker cannot set it
 */
export function settleTf32(tf32: boolean): () => void {
  const before = { settled, value: process.env[VARIABLE] };
  if (settled !== undefined && settled !== tf32) {
    throw refused(
      `this process has loaded NVIDIA's libraries with tf32: ${settled}; tf32: ${tf32} needs a process of its own`,
    );
  }
  if (isMainThread) {
    if (tf32) delete process.env[VARIABLE];
    else process.env[VARIABLE] = '0';
  } else if ((process.env[VARIABLE] !== '0') !== tf32) {
    // A worker's environment is a copy that no library reads.
    const fix = tf32 ? `without ${VARIABLE}` : `with ${VARIABLE}=0`;
    throw refused(`a worker thread cannot turn TF32 ${tf32 ? 'on' : 'off'}; start the process ${fix}`);
  }
  settled = tf32;
  return () => {
    ({ settled } = before);
    if (!isMainThread) return;
    if (before.value === undefined) delete process.env[VARIABLE];
    else process.env[VARIABLE] = before.value;
  };
}

function refused(what: string): BackendError {
  return new BackendError('OPTION', `onnx "cuda": ${what}`);
}
