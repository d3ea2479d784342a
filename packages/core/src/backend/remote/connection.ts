// The caller's end of a port: pending calls, and watchers for lost devices.
import { DeviceLostError } from '../../errors.ts';
import { receivedError } from './errors.ts';
import { Parcel } from './parcel.ts';
import type { Port } from './port.ts';
import { listen, post } from './port.ts';
import type { Answer, Body, Call, CallName, Id, Value } from './protocol.ts';
import { isAnswer } from './protocol.ts';

interface Pending {
  /** The device that the call addresses. */
  readonly device: Id | undefined;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A call that has been sent. */
export interface SentCall<V> {
  readonly id: Id;
  readonly reply: Promise<V>;
}

export class Connection {
  readonly #port: Port;
  readonly #pending = new Map<Id, Pending>();
  /** Callbacks for lost devices. */
  readonly #watchers = new Map<Id, (reason: string) => void>();
  /** The reason the connection ended; undefined while it is open. */
  #ended: string | undefined;
  #lastId = 0;

  constructor(port: Port) {
    this.#port = port;
    listen(port, {
      message: (message) => {
        if (isAnswer(message)) this.#receive(message);
      },
      gone: (reason) => this.#gone(reason),
    });
    port.unref?.();
  }

  /**
   * Sends a call immediately. The process stays alive until the reply arrives.
   * @param parcel the parcel that copied the tensors in `body`
   * @throws DeviceLostError if the other side is gone; any error of `postMessage`
   */
  call<K extends CallName>(name: K, body: Body<K>, parcel: Parcel = new Parcel()): SentCall<Value<K>> {
    if (this.#ended !== undefined) throw new DeviceLostError(this.#ended);
    const id = this.#post(name, body, parcel);
    const device = 'device' in body && typeof body.device === 'number' ? body.device : undefined;
    const reply = new Promise<Value<K>>((resolve, reject) => {
      if (this.#pending.size === 0) this.#port.ref?.();
      this.#pending.set(id, { device, resolve, reject });
    });
    return { id, reply };
  }

  /** Sends a call and ignores its reply. */
  send<K extends CallName>(name: K, body: Body<K>): void {
    if (this.#ended === undefined) this.#post(name, body, new Parcel());
  }

  /** Calls `lost` when the device or the other side goes away. */
  watch(device: Id, lost: (reason: string) => void): void {
    this.#watchers.set(device, lost);
  }

  unwatch(device: Id): void {
    this.#watchers.delete(device);
  }

  /** Asks the other side to end after it has finished all earlier calls. */
  end(): void {
    this.#post('end', {}, new Parcel());
    this.#gone('the other side was told to end');
  }

  #post(name: CallName, body: object, { buffers }: Parcel): Id {
    const id = ++this.#lastId;
    const call: Call = { isonet: 'call', id, name, body };
    post(this.#port, call, buffers);
    return id;
  }

  #receive(answer: Answer): void {
    const { id } = answer;
    switch (answer.isonet) {
      case 'reply':
        this.#take(id)?.resolve(answer.value);
        return;
      case 'failure':
        this.#take(id)?.reject(receivedError(answer.error));
        return;
      case 'lost':
        this.#lose(id, answer.reason);
    }
  }

  /** Notifies the watcher of a device, then rejects the device's pending calls. */
  #lose(device: Id, reason: string): void {
    const watcher = this.#watchers.get(device);
    this.#watchers.delete(device);
    watcher?.(reason);
    for (const [id, pending] of this.#pending) {
      if (pending.device === device) this.#take(id)?.reject(new DeviceLostError(reason));
    }
  }

  #gone(reason: string): void {
    this.#ended ??= reason;
    for (const device of this.#watchers.keys()) this.#lose(device, reason);
    for (const id of this.#pending.keys()) this.#take(id)?.reject(new DeviceLostError(reason));
  }

  #take(id: Id): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending && this.#pending.size === 0) this.#port.unref?.();
    return pending;
  }
}
