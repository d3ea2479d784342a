// Identifies the lock space of a process: the processes that see each other's locks, which run on the same boot of the same
// machine and in the same container.
import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { DataError } from '@isonet/core';
import type { FolderName } from './newFolder.ts';
import type { RunRecord } from './record.ts';

/** A running process saves its run every 40 seconds, although an evaluation may take longer. */
const RECENT_MS = 120_000;

/**
 * Returns the id of the lock space. On Linux, it covers the boot and the network namespace; elsewhere, only the host name.
 */
export async function lockSpace(): Promise<string> {
  const parts = await Promise.all([
    readlink('/proc/self/ns/net').catch(() => ''),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([hostname(), ...parts]))
    .digest('hex')
    .slice(0, 16);
}

/** Returns whether a process in another lock space may be training a run. */
export async function maybeElsewhere({ status, lockSpace: space, updated }: RunRecord): Promise<boolean> {
  if (status !== 'running' || space === undefined || space === (await lockSpace())) return false;
  return Math.abs(Date.now() - Date.parse(updated)) < RECENT_MS;
}

/** @throws DataError `RUN_LOCKED` if a process in another lock space may be training the run */
export async function checkElsewhere({ shown }: FolderName, record: RunRecord): Promise<void> {
  if (!(await maybeElsewhere(record))) return;
  throw new DataError(
    'RUN_LOCKED',
    `run "${shown}" was saved at ${record.updated} on another machine or in another container: stop it there; if it was killed, try again in two minutes`,
  );
}
