// The device of a subject during a run of checks. No check ends the run, each has a time limit, and a device that hangs or is
// lost is reopened for the next check.
import type { Device } from '@isonet/core';
import { DeviceLostError, messageOf } from '@isonet/core';
import type { Check, Verdict } from '../check/check.ts';
import { refusedVerdict } from '../check/refusal.ts';
import { timeoutOf } from './expectations.ts';
import { VerifiedRefusal, withVerifiedRefusals } from './refusals.ts';
import type { ConformanceSubject } from './subject.ts';

/** The time limit for the disposal of a device, in milliseconds; a device that exceeds it is abandoned. */
const DISPOSAL_MS = 5000;

export interface Attempt {
  readonly verdict: Verdict;
  /** The error that the check threw, if any; the verdict contains its message. */
  readonly thrown?: unknown;
}

/** A check or a device that exceeds its time limit. Work that never yields to the event loop cannot be interrupted. */
class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

interface Opened {
  readonly device: Device;
  /** Rejects when the device is lost. */
  readonly lost: Promise<never>;
}

export class Session implements AsyncDisposable {
  /** The reasons why the device was reopened, one for each time. */
  readonly reopened: string[] = [];
  readonly #subject: ConformanceSubject;
  #opened: Opened;
  /** Why the open device can no longer be used. */
  #gone: string | undefined;
  /** Why the device could not be reopened. */
  #closed: Error | undefined;

  private constructor(subject: ConformanceSubject, device: Device) {
    this.#subject = subject;
    this.#opened = this.#watch(device);
  }

  /** @throws any error of the subject's `open`; Error if it exceeds the time limit of a check */
  static async open(subject: ConformanceSubject): Promise<Session> {
    return new Session(subject, await openInTime(subject));
  }

  get device(): Device {
    return this.#opened.device;
  }

  /** Never throws: a {@link VerifiedRefusal} makes the verdict a refusal, any other error a failure. */
  async attempt(check: Check): Promise<Attempt> {
    const { key } = check;
    try {
      const { device, lost } = await this.#present();
      const limit = timeoutOf(check, this.#subject);
      const running = async (): Promise<Verdict> => check.run(device, this.#subject);
      return {
        verdict: await inTime(Promise.race([running(), lost]), limit, this.#timeoutMessage(key, limit)),
      };
    } catch (thrown) {
      if (thrown instanceof VerifiedRefusal) return { verdict: refusedVerdict(key, thrown) };
      const message = textOf(thrown);
      if (thrown instanceof DeviceLostError || thrown instanceof TimeLimitError) this.#gone ??= message;
      return { verdict: { key, passed: false, worst: Infinity, failures: [message] }, thrown };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#gone === undefined) await disposed(this.device);
    else await abandon(this.device);
  }

  #timeoutMessage(key: string, limit: number): string {
    const { timeoutMs } = this.#subject;
    const set = timeoutMs === undefined ? 'not set' : `${timeoutMs}`;
    return `${key} did not finish within ${limit} ms: it hangs, or the subject's timeoutMs (${set}) is too short`;
  }

  #watch(device: Device): Opened {
    const lost: Promise<never> = device.lost.then((reason) => {
      const message = `the device was lost: ${reason}`;
      if (this.#opened.lost === lost) this.#gone ??= message;
      throw new DeviceLostError(message);
    });
    // Between two checks, nothing awaits this promise.
    lost.catch(() => undefined);
    return { device: withVerifiedRefusals(device), lost };
  }

  /** Returns the open device; if it is gone, opens a new one. */
  async #present(): Promise<Opened> {
    if (this.#closed) throw this.#closed;
    if (this.#gone === undefined) return this.#opened;
    const why = this.#gone;
    await abandon(this.device);
    try {
      this.#opened = this.#watch(await openInTime(this.#subject));
    } catch (cause) {
      const message = `the device is gone (${why}) and cannot be reopened: ${messageOf(cause)}`;
      this.#closed = new Error(message, { cause });
      throw this.#closed;
    }
    this.#gone = undefined;
    this.reopened.push(why);
    return this.#opened;
  }
}

/** Formats an error that a check threw. JavaScript's built-in errors indicate a bug, so their source location is appended. */
function textOf(thrown: unknown): string {
  const message = messageOf(thrown);
  if (!(thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof ReferenceError)) {
    return message;
  }
  const place = /^ *at (.*:\d+:\d+\)?)$/m.exec(thrown.stack ?? '')?.[1];
  return place === undefined ? message : `${message}, at ${place}`;
}

/** Disposes a device that may no longer respond. */
async function abandon(device: Device): Promise<void> {
  await disposed(device).catch(() => undefined);
}

/** @throws Error if it exceeds the time limit */
async function disposed(device: Device): Promise<void> {
  const disposing = (async (): Promise<void> => device[Symbol.asyncDispose]())();
  await inTime(disposing, DISPOSAL_MS, `the device was not disposed within ${DISPOSAL_MS} ms`);
}

async function openInTime(subject: ConformanceSubject): Promise<Device> {
  const limit = timeoutOf({}, subject);
  const opening = subject.open();
  try {
    return await inTime(opening, limit, `${subject.name} did not open within ${limit} ms`);
  } catch (error) {
    // The device may still open later, but nothing would use it then.
    opening.then(abandon, () => undefined);
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
