// The lock of a run: while a process trains it, no other one can. It is a socket that the process listens on, which the system
// closes when the process ends, however it ends: a crash leaves no lock behind. It covers the processes of one machine (of one
// container, where each has a network of its own).
import { createHash } from 'node:crypto';
import { realpath, rm, stat } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { DataError, messageOf } from '@isonet/core';
import { codeOf } from './files.ts';
import type { FolderName } from './newFolder.ts';

/** How a system names its sockets. `abstract` and `pipe` ones have no file; a `file` may outlive its process. */
export type SocketKind = 'abstract' | 'pipe' | 'file';

/** A lock that is held. Disposing of it lets the run go. */
export interface RunLock extends AsyncDisposable {
  /** Why the run could not be locked, where this system has no such sockets: the training goes on without. */
  readonly problem?: string;
}

/** How long the process that holds a lock may take to say which one it is: a training step may keep it busy. */
const ANSWER_MS = 2000;

/**
 * Locks a run for this process.
 * @throws DataError `RUN_LOCKED` while another training holds the lock, be it of this process
 */
export async function lockRun(folder: FolderName, kind: SocketKind = socketKind()): Promise<RunLock> {
  const address = await addressOf(folder, kind);
  for (const last of [false, true]) {
    try {
      return unlocking(await listen(address));
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE') {
        return { problem: messageOf(error), [Symbol.asyncDispose]: () => Promise.resolve() };
      }
      const holder = await holderOf(address);
      if (holder !== undefined || last) throw locked(folder, holder);
      // The file of a process that was killed.
      if (kind === 'file') await rm(address, { force: true });
    }
  }
  throw locked(folder, undefined);
}

/** Whether a process trains the run now. */
export async function isLocked(folder: FolderName, kind: SocketKind = socketKind()): Promise<boolean> {
  return (await holderOf(await addressOf(folder, kind), 0)) !== undefined;
}

function socketKind(): SocketKind {
  if (process.platform === 'linux' || process.platform === 'android') return 'abstract';
  return process.platform === 'win32' ? 'pipe' : 'file';
}

/**
 * By the folder and its path. A path alone may lead to another folder in a container; the number of a folder may be given to
 * another one once it is deleted. Not in the folder: a socket's path has at most 104 bytes.
 */
async function addressOf({ path }: FolderName, kind: SocketKind): Promise<string> {
  const { dev, ino } = await stat(path, { bigint: true });
  const place = JSON.stringify([String(dev), String(ino), await realpath(path)]);
  const name = `isonet-run-${createHash('sha256').update(place).digest('hex').slice(0, 32)}`;
  return { abstract: `\0${name}`, pipe: `\\\\.\\pipe\\${name}`, file: `/tmp/${name}.sock` }[kind];
}

/** The listening process tells each that asks its number, and does not live on for that. */
function listen(address: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.unref();
    socket.on('error', () => socket.destroy());
    socket.end(String(process.pid));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => resolve(server.unref()));
  });
}

function unlocking(server: Server): RunLock {
  let closed: Promise<void> | undefined;
  return {
    [Symbol.asyncDispose]: () => {
      closed ??= new Promise((resolve) => server.close(() => resolve()));
      return closed;
    },
  };
}

/**
 * Who holds a lock: the number of the process, or `another` where it does not say in time; undefined where it is free.
 */
function holderOf(address: string, waitMs = ANSWER_MS): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket: Socket = connect(address);
    let answer = '';
    const settle = (holder: string | undefined): void => {
      socket.destroy();
      resolve(holder);
    };
    socket.once('connect', () => {
      socket.setTimeout(Math.max(waitMs, 1), () => settle('another'));
    });
    socket.on('data', (bytes) => {
      answer = (answer + bytes.toString('latin1')).slice(0, 20);
    });
    socket.once('end', () => settle(/^\d+$/.test(answer) ? answer : 'another'));
    socket.once('error', () => settle(undefined));
  });
}

function locked({ shown }: FolderName, holder: string | undefined): DataError {
  const isNumber = holder !== undefined && holder !== 'another';
  const who = isNumber ? `process ${holder}` : 'another process';
  const stop = isNumber ? `stop it (kill ${holder}; it saves)` : 'stop it';
  return new DataError(
    'RUN_LOCKED',
    `run "${shown}" is being trained by ${who}: wait until it has ended, or ${stop}`,
  );
}
