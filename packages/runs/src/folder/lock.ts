// The lock of a run: while a process trains it, no other one can. It is a socket that the process listens on, which the system
// closes when the process ends, however it ends: a crash leaves no lock behind. It covers the processes that see the same
// sockets: those of one machine, or of one container where each has a network of its own.
import { createHash } from 'node:crypto';
import { realpath, rm, stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { codeOf, DataError, messageOf } from '@isonet/core';
import type { FolderName } from './newFolder.ts';

/** How a system names its sockets. `abstract` and `pipe` ones have no file; a `file` may outlive its process. */
export type SocketKind = 'abstract' | 'pipe' | 'file';

/** A lock that is held. Disposing of it lets the run go. */
export interface RunLock extends AsyncDisposable {
  /** Why there is no lock; training continues unlocked. */
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
      return await listen(address);
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE') {
        return { problem: messageOf(error), [Symbol.asyncDispose]: () => Promise.resolve() };
      }
      const file = kind === 'file' ? await identity(address) : undefined;
      const holder = await holderOf(address);
      if (holder !== undefined || last) throw locked(folder, holder);
      // The file of a process that was killed, unless another one has taken it over meanwhile.
      if (file !== undefined && (await identity(address)) === file) {
        await rm(address, { force: true }).catch(() => undefined);
      }
    }
  }
  throw locked(folder, undefined);
}

async function identity(path: string): Promise<string | undefined> {
  const info = await stat(path, { bigint: true }).catch(() => undefined);
  return info && `${info.dev} ${info.ino} ${info.birthtimeNs}`;
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
async function listen(address: string): Promise<RunLock> {
  const asking = new Set<Socket>();
  const server = createServer((socket) => {
    asking.add(socket.unref());
    socket.on('error', () => socket.destroy());
    socket.once('close', () => asking.delete(socket));
    socket.end(String(process.pid));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // Exclusive: the workers of a cluster would share it.
    server.listen({ path: address, exclusive: true }, resolve);
  });
  server.unref();
  // Of somebody who asked: the lock is held all the same.
  server.on('error', () => undefined);
  let closed: Promise<void> | undefined;
  return {
    [Symbol.asyncDispose]: () => {
      closed ??= new Promise((resolve) => server.close(() => resolve()));
      for (const socket of asking) socket.destroy();
      return closed;
    },
  };
}

/** Who holds a lock: the number of the process, or `another` where it does not say in time; undefined where it is free. */
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
    socket.once('error', (error) => {
      // Nobody listens, or there is nothing to listen on. Any other error says nothing.
      settle(['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '') ? undefined : 'another');
    });
  });
}

function locked({ shown }: FolderName, holder: string | undefined): DataError {
  const isNumber = holder !== undefined && holder !== 'another';
  const who = isNumber ? `process ${holder}` : 'another process';
  // On Windows, nothing is saved by what kills a process from outside.
  const how = process.platform === 'win32' ? 'Ctrl-C in its window' : `kill ${holder}`;
  const stop = isNumber ? `stop it (${how}; it saves)` : 'stop it';
  return new DataError(
    'RUN_LOCKED',
    `run "${shown}" is being trained by ${who}: wait until it has ended, or ${stop}`,
  );
}
