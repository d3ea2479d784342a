// Minimal types of message ports: core is compiled without the types of Node or the browser.
import { BackendError, messageOf } from '../../errors.ts';

/** Node's `MessagePort`, `parentPort` and `Worker`. */
export interface EmitterPort extends PortCommon {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  on(event: string, listener: (value: unknown) => void): unknown;
}

/** A browser's `MessagePort`, `Worker` and, within a worker, `self`. */
export interface EventPort extends PortCommon {
  /**
   * The overload with options. `self` has this overload even if the worker is compiled with `lib.dom`, which
   * types `self` as a window.
   */
  postMessage(message: unknown, options: { transfer: ArrayBuffer[] }): void;
  addEventListener(type: string, listener: (event: object) => void): void;
  /** A `MessagePort` holds messages back until this is called. */
  start?(): void;
}

interface PortCommon {
  /** Closes a `MessagePort`; inside a worker, ends the worker once it is idle. */
  close?(): void;
  /** Keeps the process alive from now on. */
  ref?(): void;
  /** Lets the process end from now on. */
  unref?(): void;
}

/**
 * One end of a connection to another thread, page or process. It carries one connection; unrelated messages on the port are
 * ignored.
 */
export type Port = EmitterPort | EventPort;

interface Listener {
  readonly message: (value: unknown) => void;
  /** Called when the other side is gone, possibly more than once. */
  readonly gone: (reason: string) => void;
}

/** Sends a message; the buffers are transferred, not copied. */
export function post(port: Port, message: object, buffers: ArrayBuffer[]): void {
  if ('on' in port) port.postMessage(message, buffers);
  else port.postMessage(message, { transfer: buffers });
}

/** Starts listening on a port. @throws BackendError `PORT` for a value that is not a port */
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
