// The signal that a download was given, as Node's fetch takes it.
import { DataError } from '@isonet/core';
import type { StopSignal } from './stopSignal.ts';

/** @throws DataError `OPTION` for anything else than an AbortSignal */
export function abortSignal(signal: StopSignal | undefined): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new DataError('OPTION', 'fetchDataset: signal: expected an AbortSignal');
}
