// Message ports, described by what is used of them: core is compiled without the types of Node and of the browser.
import { BackendError, messageOf } from '../../errors.ts';

/** Node's `MessagePort`, `parentPort` and `Worker`. */
export interface EmitterPort extends PortCommon {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  on(event: string, listener: (value: unknown) => void): unknown;
}

/** A browser's `MessagePort`, `Worker` and, within a worker, `self`. */
export interface EventPort extends PortCommon {
  /** In the form with options, which `self` also has where it is typed as a window: in a worker that is compiled with `lib.dom`. */
  postMessage(message: unknown, options: { transfer: ArrayBuffer[] }): void;
  addEventListener(type: string, listener: (event: object) => void): void;
  /** A `MessagePort` holds messages back until this is called. */
  start?(): void;
}

interface PortCommon {
  /** Closes a `MessagePort`; within a worker, ends the worker once nothing is left to do. */
  close?(): void;
  /** Keeps the process alive from now on. */
  ref?(): void;
  /** Lets the process end from now on. */
  unref?(): void;
}

/** One end of a connection to another thread, page or process. It carries one connection, and no other traffic is disturbed. */
export type Port = EmitterPort | EventPort;

interface Listener {
  readonly message: (value: unknown) => void;
  /** The other side is gone; may be called again. */
  readonly gone: (reason: string) => void;
}

/** Sends a message; the buffers are moved, not copied. */
export function post(port: Port, message: object, buffers: ArrayBuffer[]): void {
  if ('on' in port) port.postMessage(message, buffers);
  else port.postMessage(message, { transfer: buffers });
}

/** Hears a port from now on. @throws BackendError `PORT` when this is not a port */
export function listen(port: Port, { message, gone }: Listener): void {
  if ('on' in port) {
    port.on('message', message);
    port.on('messageerror', (error) => gone(`a message could not be read: ${messageOf(error)}`));
    port.on('error', (error) => gone(messageOf(error)));
    port.on('exit', (code) => gone(`the worker exited with code ${String(code)}`));
    port.on('close', () => gone('the port was closed'));
  } else if ('addEventListener' in port) {
    port.addEventListener('message', (event) => message('data' in event ? event.data : undefined));
    port.addEventListener('messageerror', () => gone('a message could not be read'));
    port.addEventListener('error', (event) => gone('message' in event ? String(event.message) : 'an error'));
    port.addEventListener('close', () => gone('the port was closed'));
    port.start?.();
  } else {
    throw new BackendError('PORT', 'expected a MessagePort or a Worker, got neither');
  }
}
