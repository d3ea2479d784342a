// Checks the stop signal of a download, which Node's fetch requires to be an AbortSignal.
import { DataError } from '@isonet/core';
import type { StopSignal } from './stopSignal.ts';

/** Returns the signal as an AbortSignal. @throws DataError `OPTION` for anything else */
export function abortSignal(signal: StopSignal | undefined): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new DataError('OPTION', 'fetchDataset: signal: expected an AbortSignal');
}
