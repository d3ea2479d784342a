// Identifies the lock space of a process: the set of processes that see each other's locks. They share a container, a
// machine and a boot of that machine.
import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { DataError } from '@isonet/core';
import type { FolderName } from './newFolder.ts';
import type { RunRecord } from './record.ts';

/**
 * How long after its last save a run may still be in progress. Training saves every 40 seconds, but an evaluation may
 * take longer.
 */
const RECENT_MS = 120_000;

/** Returns the id of the lock space. It covers the host name and, on Linux, the boot and the network namespace. */
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
