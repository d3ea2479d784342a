// ONNX Runtime's telemetry, off. Official builds report their use over the network unless the process's environment says
// otherwise when the library is loaded.
import { Session } from 'node:inspector';
import { isMainThread } from 'node:worker_threads';
import { BackendError, messageOf } from '@isonet/core';

const VARIABLE = 'ORT_DISABLE_TELEMETRY';

/** How long the main thread may take to answer, in milliseconds. */
const PATIENCE = 10_000;

/**
 * Switches the telemetry off, unless the user has set the variable to another value. Call before the library loads.
 *
 * A worker's `process.env` is a copy that no native library reads, so a worker has the main thread set the variable. The inspector
 * is the only way to reach the main thread without its cooperation.
 * @param patience for tests: milliseconds to wait for the main thread
 * @throws BackendError `TELEMETRY` in a worker whose main thread does not answer, unless its copy has the variable
 */
export async function disableTelemetry(patience: number = PATIENCE): Promise<void> {
  if (isMainThread) {
    process.env[VARIABLE] ??= '1';
    return;
  }
  try {
    await onMainThread(`process.env.${VARIABLE} ??= '1'`, patience);
  } catch (cause) {
    if (process.env[VARIABLE] !== undefined) return;
    throw new BackendError(
      'TELEMETRY',
      `onnx: ONNX Runtime's telemetry cannot be switched off from this worker (${messageOf(cause)}); ` +
        `set ${VARIABLE}=1 before the worker starts`,
      { cause },
    );
  }
}

/** Evaluates an expression on the main thread, which may be computing or waiting, but not be inside a native call. */
async function onMainThread(expression: string, patience: number): Promise<void> {
  const session = new Session();
  session.connectToMainThread();
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error('the main thread does not answer')), patience);
      session.post('Runtime.evaluate', { expression }, (error, answer) => {
        if (error) reject(error);
        else if (answer.exceptionDetails) reject(new Error(answer.exceptionDetails.text));
        else resolve();
      });
    });
  } finally {
    clearTimeout(timer);
    session.disconnect();
  }
}
