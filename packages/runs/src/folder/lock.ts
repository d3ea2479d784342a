// The lock of a run: only one process can train it at a time. The lock is a socket that the process listens on. The system
// closes it when the process ends, even after a crash, so no stale lock remains. It covers the processes that see the same
// sockets: those of one machine or, if containers have separate networks, of one container.
import { createHash } from 'node:crypto';
import { realpath, rm, stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { codeOf, DataError, messageOf } from '@isonet/core';
import type { FolderName } from './newFolder.ts';

/** The kinds of sockets on different systems. `abstract` and `pipe` have no file; a `file` may outlive its process. */
export type SocketKind = 'abstract' | 'pipe' | 'file';

/** A held lock. Disposing of it releases the run. */
export interface RunLock extends AsyncDisposable {
  /** Why the run could not be locked; training continues without a lock. */
  readonly problem?: string;
}

/** How long to wait for the process that holds a lock to answer with its id. A training step may keep it busy. */
const ANSWER_MS = 2000;

/**
 * Locks a run for this process.
 * @throws DataError `RUN_LOCKED` while another training run holds the lock, even one in this process
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
      // Remove the file of a killed process, unless another process has replaced it meanwhile.
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

/** Returns whether a process is training the run. */
export async function isLocked(folder: FolderName, kind: SocketKind = socketKind()): Promise<boolean> {
  return (await holderOf(await addressOf(folder, kind), 0)) !== undefined;
}

function socketKind(): SocketKind {
  if (process.platform === 'linux' || process.platform === 'android') return 'abstract';
  return process.platform === 'win32' ? 'pipe' : 'file';
}

/**
 * Derives the address of the lock from the folder's inode and its path. A path alone may mean another folder in a
 * container, and the inode of a deleted folder may be reused. The socket is not inside the folder, because a socket's
 * path is limited to 104 bytes.
 */
async function addressOf({ path }: FolderName, kind: SocketKind): Promise<string> {
  const { dev, ino } = await stat(path, { bigint: true });
  const place = JSON.stringify([String(dev), String(ino), await realpath(path)]);
  const name = `isonet-run-${createHash('sha256').update(place).digest('hex').slice(0, 32)}`;
  return { abstract: `\0${name}`, pipe: `\\\\.\\pipe\\${name}`, file: `/tmp/${name}.sock` }[kind];
}

/** Listens on the address and answers each connection with the process id. Listening does not keep the process alive. */
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
    // Without `exclusive`, the workers of a cluster would share the socket.
    server.listen({ path: address, exclusive: true }, resolve);
  });
  server.unref();
  // An error of a connection does not affect the lock.
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

/**
 * Returns the id of the process that holds a lock, `another` if it does not answer in time, or undefined if the lock is
 * free.
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
    socket.once('error', (error) => {
      // These codes mean that no process is listening. Any other error proves nothing, so assume that the lock is held.
      settle(['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '') ? undefined : 'another');
    });
  });
}

function locked({ shown }: FolderName, holder: string | undefined): DataError {
  const isNumber = holder !== undefined && holder !== 'another';
  const who = isNumber ? `process ${holder}` : 'another process';
  // On Windows, killing a process from outside does not let it save.
  const how = process.platform === 'win32' ? 'Ctrl-C in its window' : `kill ${holder}`;
  const stop = isNumber ? `stop it (${how}; it saves)` : 'stop it';
  return new DataError(
    'RUN_LOCKED',
    `run "${shown}" is being trained by ${who}: wait until it ends, or ${stop}`,
  );
}
