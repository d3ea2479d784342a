// Opens the device of a part, as the command line would.
import { backends } from '@isonet/cli';
import type { Backend } from '@isonet/core';
import { defined } from '@isonet/core';
import type { OpenDevice } from '@isonet/runs';
import { openDevice } from '@isonet/runs';
import type { Part } from './part.ts';

/** @param spec `BACKEND:DEVICE` */
export function namesOf(spec: string): { readonly backend: string; readonly device: string } {
  const [backend, device] = spec.split(':');
  if (backend === undefined || device === undefined)
    throw new Error(`--device: expected BACKEND:DEVICE, got "${spec}"`);
  return { backend, device };
}

/** @throws BackendError with the reason and the fix when it is not there */
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
