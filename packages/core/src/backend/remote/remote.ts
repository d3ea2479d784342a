// A backend whose devices run behind a port: each call is sent immediately, as a message.
import { BackendError, DeviceLostError, messageOf } from '../../errors.ts';
import type { Backend, Device, OpenOptions, Probe } from '../contract.ts';
import { Connection } from './connection.ts';
import { remoteDevice } from './device.ts';
import type { Port } from './port.ts';

/**
 * Creates a client for the backend that {@link serve} offers at the other end of the port. Its devices behave
 * as they do at that end, except that feeds, values and results are copied on the way, and that `lost` also
 * resolves when the port closes or its worker ends. An idle connection does not keep the process alive. A
 * port can carry only one `remote`. The caller closes the port.
 * @param name the expected name of the served backend; `probe` and `open` check it
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

/** Probes the other side. Never throws. */
export async function probeOver(connection: Connection, name: string): Promise<Probe> {
  try {
    return await connection.call('probe', { backend: name, contract: 2 }).reply;
  } catch (error) {
    return unreachable(name, error);
  }
}

/**
 * Opens a device on the other side.
 * @param disposed called when the device is disposed
 * @throws BackendError `REMOTE` if the other side goes away; any error of the other side
 */
export async function openOver(
  connection: Connection,
  name: string,
  options: OpenOptions,
  disposed: () => void,
): Promise<Device> {
  try {
    const opening = connection.call('open', { backend: name, contract: 2, options });
    return await remoteDevice(connection, name, opening, disposed);
  } catch (cause) {
    if (!(cause instanceof DeviceLostError)) throw cause;
    throw new BackendError('REMOTE', `${name}: no device was opened: ${cause.message}`, { cause });
  }
}

/** Returns the probe result when the other side does not answer. */
export function unreachable(name: string, error: unknown): Probe {
  return {
    ok: false,
    code: 'REMOTE',
    reason: `${name} does not respond: ${messageOf(error)}`,
    fix: `check that the other side of the port calls serve() with ${name}`,
  };
}
