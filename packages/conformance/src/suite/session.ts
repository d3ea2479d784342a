// One subject's device through a run of checks: no check ends the run, each has a time limit, and a device that hangs or is
// lost is opened again for the next check.
import type { Device } from '@isonet/core';
import { DeviceLostError, messageOf } from '@isonet/core';
import type { ConformanceSubject } from './subject.ts';
import { timeoutOf } from './expectations.ts';
import { heldToItsWord, Refusal } from './refusals.ts';
import type { Check, Verdict } from '../check/check.ts';

/** For a device to let go, before it is left alone. */
const DISPOSAL_MS = 5000;

export interface Attempt {
  readonly verdict: Verdict;
  /** What the check threw, if it did; the verdict has its message. */
  readonly thrown?: unknown;
}

/** A check or a device that is not done in time. Work that never yields to the event loop cannot be caught by it. */
class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

interface Opened {
  readonly device: Device;
  /** Rejects when the device is lost. */
  readonly lost: Promise<never>;
}

export class Session implements AsyncDisposable {
  /** Why the device was opened again, each time. */
  readonly reopened: string[] = [];
  readonly #subject: ConformanceSubject;
  #opened: Opened;
  /** Why the device cannot be asked any more. */
  #gone: string | undefined;
  /** Why there is no other. */
  #closed: Error | undefined;

  private constructor(subject: ConformanceSubject, device: Device) {
    this.#subject = subject;
    this.#opened = this.#watch(device);
  }

  /** @throws what the subject's `open` throws; Error when it takes longer than a check may */
  static async open(subject: ConformanceSubject): Promise<Session> {
    return new Session(subject, await openInTime(subject));
  }

  get device(): Device {
    return this.#opened.device;
  }

  /** Never throws. A {@link Refusal} that escapes from a check is one; anything else that does is a failure. */
  async attempt(check: Check): Promise<Attempt> {
    try {
      const { device, lost } = await this.#present();
      const limit = timeoutOf(check, this.#subject);
      const running = async (): Promise<Verdict> => check.run(device, this.#subject);
      return { verdict: await inTime(Promise.race([running(), lost]), limit, this.#late(check.key, limit)) };
    } catch (thrown) {
      const message = messageOf(thrown);
      if (thrown instanceof DeviceLostError || thrown instanceof TimeLimitError) this.#gone ??= message;
      const { key } = check;
      return thrown instanceof Refusal
        ? { verdict: { key, passed: false, worst: 0, failures: [], refused: message } }
        : { verdict: { key, passed: false, worst: Infinity, failures: [message] }, thrown };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#gone === undefined) await disposed(this.device);
    else await letGo(this.device);
  }

  #late(key: string, limit: number): string {
    const { timeoutMs } = this.#subject;
    const set = timeoutMs === undefined ? 'sets none' : `has ${timeoutMs}`;
    return `${key} is not done after ${limit} ms: it hangs, or timeoutMs of the subject (which ${set}) must be raised`;
  }

  #watch(device: Device): Opened {
    const lost: Promise<never> = device.lost.then((reason) => {
      const message = `the device was lost: ${reason}`;
      if (this.#opened.lost === lost) this.#gone ??= message;
      throw new DeviceLostError(message);
    });
    // Between two checks nobody listens.
    lost.catch(() => undefined);
    return { device: heldToItsWord(device), lost };
  }

  /** The device, another one if it is gone. */
  async #present(): Promise<Opened> {
    if (this.#closed) throw this.#closed;
    if (this.#gone === undefined) return this.#opened;
    const why = this.#gone;
    await letGo(this.device);
    try {
      this.#opened = this.#watch(await openInTime(this.#subject));
    } catch (cause) {
      const reason = messageOf(cause);
      this.#closed = new Error(`there is no device any more: ${why}; it does not open again: ${reason}`, {
        cause,
      });
      throw this.#closed;
    }
    this.#gone = undefined;
    this.reopened.push(why);
    return this.#opened;
  }
}

/** Disposes a device of which nothing can be expected. */
async function letGo(device: Device): Promise<void> {
  await disposed(device).catch(() => undefined);
}

/** @throws Error when it takes longer than any right device does */
async function disposed(device: Device): Promise<void> {
  const disposing = (async (): Promise<void> => device[Symbol.asyncDispose]())();
  await inTime(disposing, DISPOSAL_MS, `the device is not disposed after ${DISPOSAL_MS} ms`);
}

async function openInTime(subject: ConformanceSubject): Promise<Device> {
  const limit = timeoutOf({}, subject);
  const opening = subject.open();
  try {
    return await inTime(opening, limit, `${subject.name} is not open after ${limit} ms`);
  } catch (error) {
    // Should it open after all, nobody is there to use it.
    opening.then(letGo, () => undefined);
    throw error;
  }
}

/** @throws TimeLimitError with this message */
async function inTime<T>(work: Promise<T>, milliseconds: number, message: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeLimitError(message)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
