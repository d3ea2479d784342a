// Disables ONNX Runtime's telemetry. Official builds report their use over the network, unless an environment variable of the process
// disables that when the library is loaded.
import { Session } from 'node:inspector';
import { isMainThread } from 'node:worker_threads';
import { BackendError, messageOf } from '@isonet/core';

const VARIABLE = 'ORT_DISABLE_TELEMETRY';

/** The time limit for a response from the main thread. */
const TIMEOUT_MS = 10_000;

/**
 * Disables the telemetry, unless the user has set the variable to another value. Call it before the library loads.
 *
 * A worker's `process.env` is a copy that native libraries do not read, so the main thread must set the variable. The inspector is the
 * only way to reach the main thread without its cooperation.
 * @param timeoutMs for tests: the time limit for the main thread
 * @throws BackendError `TELEMETRY` in a worker whose main thread does not respond, unless the worker's copy has the variable
 */
export async function disableTelemetry(timeoutMs: number = TIMEOUT_MS): Promise<void> {
  if (isMainThread) {
    process.env[VARIABLE] ??= '1';
    return;
  }
  try {
    await onMainThread(`process.env.${VARIABLE} ??= '1'`, timeoutMs);
  } catch (cause) {
    if (process.env[VARIABLE] !== undefined) return;
    throw new BackendError(
      'TELEMETRY',
      `onnx: ONNX Runtime's telemetry cannot be disabled from this worker (${messageOf(cause)}); ` +
        `set ${VARIABLE}=1 before the worker starts`,
      { cause },
    );
  }
}

/** Evaluates an expression on the main thread, which may be computing or waiting, but not inside a native call. */
async function onMainThread(expression: string, timeoutMs: number): Promise<void> {
  const session = new Session();
  session.connectToMainThread();
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error('the main thread does not respond')), timeoutMs);
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
