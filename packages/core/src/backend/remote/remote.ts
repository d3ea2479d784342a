// A backend whose devices live behind a port: every call becomes a message, sent when it is made.
import { BackendError, DeviceLostError, messageOf } from '../../errors.ts';
import type { Backend, Device, OpenOptions, Probe } from '../contract.ts';
import { Connection } from './connection.ts';
import { remoteDevice } from './device.ts';
import type { Port } from './port.ts';

/**
 * The backend that {@link serve} offers at the other end of the port. Its devices behave as they do there, except that
 * feeds, values and results are copied on the way; `lost` also resolves when the port is closed or its worker ends.
 * An idle connection does not keep the process alive. A port carries one `remote`; the port is the caller's to close.
 * @param name the served backend's, which is checked
 */
export function remote(name: string, port: Port): Backend {
  const connection = new Connection(port);
  return {
    name,
    contract: 2,
    probe: () => probeOver(connection, name),
    open: async (options = {}) => openOver(connection, name, options, () => undefined),
  };
}

/** What the other side finds. Never throws. */
export async function probeOver(connection: Connection, name: string): Promise<Probe> {
  try {
    return await connection.ask('probe', { backend: name, contract: 2 }).reply;
  } catch (error) {
    return unreachable(name, error);
  }
}

/**
 * Opens a device on the other side.
 * @param disposed called when the device is disposed
 * @throws BackendError `REMOTE` when the other side goes away; what it throws itself
 */
export async function openOver(
  connection: Connection,
  name: string,
  options: OpenOptions,
  disposed: () => void,
): Promise<Device> {
  try {
    const opening = connection.ask('open', { backend: name, contract: 2, options });
    return await remoteDevice(connection, name, opening, disposed);
  } catch (cause) {
    if (!(cause instanceof DeviceLostError)) throw cause;
    throw new BackendError('REMOTE', `${name}: no device was opened: ${cause.message}`, { cause });
  }
}

/** What a probe says when the other side does not answer it. */
export function unreachable(name: string, error: unknown): Probe {
  return {
    ok: false,
    code: 'REMOTE',
    reason: `${name} cannot be asked: ${messageOf(error)}`,
    fix: `check that the other side of the port calls serve() with ${name}`,
  };
}
