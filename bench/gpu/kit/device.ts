// Opens the device of a part in the same way as the command line.
import { backends } from '@isonet/cli';
import type { Backend } from '@isonet/core';
import { defined } from '@isonet/core';
import type { OpenDevice } from '@isonet/runs';
import { openDevice } from '@isonet/runs';
import type { Part } from './part.ts';

/** Splits a device name. @param spec `BACKEND:DEVICE` */
export function namesOf(spec: string): { readonly backend: string; readonly device: string } {
  const [backend, device] = spec.split(':');
  if (backend === undefined || device === undefined)
    throw new Error(`--device: expected BACKEND:DEVICE, got "${spec}"`);
  return { backend, device };
}

/** Opens the device of a part. @throws BackendError with the reason and the fix if it is missing */
export function openPart({ device, tf32 }: Pick<Part, 'device' | 'tf32'>): Promise<OpenDevice> {
  return openDevice(backends, { ...namesOf(device), ...(tf32 ? { tf32 } : {}) });
}

export async function backendOf(spec: string): Promise<Backend> {
  const { backend } = namesOf(spec);
  return defined(
    backends.find(({ name }) => name === backend),
    `the backend ${backend}`,
  ).load();
}
