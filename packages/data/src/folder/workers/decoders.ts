// A small pool of workers that decode image files. They start when the first image is requested, do not keep the process
// alive while idle, and stop when the pool is disposed of. If none can start, the calling thread decodes.
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { DataError, messageOf } from '@isonet/core';
import { loadSharp } from '../../picture/loadSharp.ts';
import { type Answer, type Job, perform } from './job.ts';
import { errorOf, type Reply } from './messages.ts';
import { startWorker } from './start.ts';

/** The number of jobs per worker: while libvips decodes one image, another is resized. */
const DEPTH = 2;
const MAX_DEFAULT = 8;

interface Waiting {
  readonly job: Job;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface Slot {
  readonly worker: Worker;
  readonly jobs: Map<number, Waiting>;
}

/** Below this number of images, starting a worker takes longer than decoding them. */
const FEW = 64;

/** Returns the default number of workers: one less than the number of cores, from 1 to 8; 0 for few images. */
export function workersFor(pictures: number): number {
  return pictures < FEW ? 0 : Math.min(Math.max(availableParallelism() - 1, 1), MAX_DEFAULT);
}

/** Decodes image files in workers. */
export class Decoders implements AsyncDisposable {
  readonly #wanted: number;
  #start: Promise<void> | undefined;
  readonly #slots: Slot[] = [];
  readonly #queue: Waiting[] = [];
  #next = 0;
  #runningHere = 0;
  #isDisposed = false;
  /** Why the calling thread decodes; undefined if workers do, or nothing has been requested yet. */
  fallback: string | undefined;

  /** @param workers the number of workers; 0: the calling thread decodes */
  constructor(workers: number) {
    this.#wanted = workers;
  }

  /**
   * Performs a job.
   * @throws as `perform`; DataError `DISPOSED` after the pool was disposed of
   */
  async run(job: Job): Promise<Answer> {
    this.#start ??= this.#startAll(job.file);
    await this.#start;
    return new Promise((resolve, reject) => {
      if (this.#isDisposed) {
        reject(new DataError('DISPOSED', `image "${job.file}": its data was disposed of`));
        return;
      }
      this.#queue.push({ job, resolve, reject });
      this.#serve();
    });
  }

  /** The number of concurrent jobs; requesting more brings no benefit. */
  get parallel(): number {
    return Math.max(this.#wanted, 1) * DEPTH;
  }

  /** Stops the workers after their current jobs, and rejects the jobs that have not started. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#start?.catch(() => undefined);
    for (const { job, reject } of this.#queue.splice(0)) {
      reject(new DataError('DISPOSED', `image "${job.file}": its data was disposed of`));
    }
    const ended = this.#slots.map(
      ({ worker }) =>
        new Promise<void>((resolve) => {
          worker.ref();
          worker.once('exit', () => resolve());
          worker.postMessage(undefined, []);
        }),
    );
    await Promise.all(ended);
  }

  async #startAll(file: string): Promise<void> {
    // Load sharp on the main thread first: with glibc, a shared library that a worker loads is unloaded when the worker
    // exits.
    await loadSharp(file);
    for (let i = 0; i < this.#wanted; i++) {
      try {
        this.#slots.push(this.#started(startWorker()));
      } catch (error) {
        this.fallback = messageOf(error);
        return;
      }
    }
  }

  #started(worker: Worker): Slot {
    const slot: Slot = { worker, jobs: new Map() };
    worker.unref();
    worker.on('message', (reply: Reply) => {
      const waiting = slot.jobs.get(reply.id);
      slot.jobs.delete(reply.id);
      if (slot.jobs.size === 0 && !this.#isDisposed) worker.unref();
      if ('answer' in reply) waiting?.resolve(reply.answer);
      else waiting?.reject(errorOf(reply.error));
      this.#serve();
    });
    let reason = 'the worker ended';
    worker.on('error', (error) => (reason = messageOf(error)));
    worker.once('exit', () => this.#reassign(slot, reason));
    return slot;
  }

  /** Reassigns the jobs of a worker that has exited to other workers or to the calling thread. */
  #reassign(slot: Slot, reason: string): void {
    const at = this.#slots.indexOf(slot);
    if (at >= 0) this.#slots.splice(at, 1);
    if (this.#isDisposed && slot.jobs.size === 0) return;
    this.fallback = reason;
    this.#queue.unshift(...slot.jobs.values());
    this.#serve();
  }

  #serve(): void {
    while (this.#queue.length > 0) {
      const slot = this.#slots
        .filter(({ jobs }) => jobs.size < DEPTH)
        .reduce<Slot | undefined>(
          (a, b) => (a === undefined || b.jobs.size < a.jobs.size ? b : a),
          undefined,
        );
      if (slot !== undefined) this.#assign(slot);
      else if (this.#slots.length === 0 && this.#runningHere < DEPTH) void this.#runHere();
      else return;
    }
  }

  #assign({ worker, jobs }: Slot): void {
    const waiting = this.#queue.shift();
    if (waiting === undefined) return;
    const id = this.#next++;
    jobs.set(id, waiting);
    worker.ref();
    worker.postMessage({ id, job: waiting.job }, []);
  }

  async #runHere(): Promise<void> {
    const waiting = this.#queue.shift();
    if (waiting === undefined) return;
    this.#runningHere++;
    try {
      waiting.resolve(await perform(waiting.job));
    } catch (error) {
      waiting.reject(error);
    }
    this.#runningHere--;
    this.#serve();
  }
}
