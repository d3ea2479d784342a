// Shared test helpers: a temporary folder, the error of a call, and a small dataset.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@isonet/core';
import { createDataset, type ImageDataset } from '@isonet/data';
import { onTestFinished } from 'vitest';

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'isonet-data-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Returns `CODE: message` of the DataError that `call` throws or rejects with; any other outcome fails the test. */
export async function dataError(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (error instanceof DataError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('expected a DataError, but the call returned');
}

/** Creates a dataset of 2x3 images: image i has the bytes 10i, ..., 10i + 5 and class i mod 3. `length` is at most 25. */
export function smallDataset(length: number): ImageDataset {
  return createDataset({
    name: 'small',
    imageShape: [1, 2, 3],
    classes: ['a', 'b', 'c'],
    images: Uint8Array.from({ length: length * 6 }, (_, i) => 10 * Math.floor(i / 6) + (i % 6)),
    labels: Uint8Array.from({ length }, (_, i) => i % 3),
  });
}
