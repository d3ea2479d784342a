// A small pool of workers that decode pictures. They start when the first picture is wanted, do not keep the process alive while they
// are idle, and end when the pool is disposed of. Where none can start, the calling thread decodes.
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { DataError, messageOf } from '@isonet/core';
import { loadSharp } from '../../picture/loadSharp.ts';
import { type Answer, type Job, perform } from './job.ts';
import { errorOf, type Reply } from './messages.ts';
import { startWorker } from './start.ts';

/** Jobs that a worker has in hand: while libvips decodes one, another is resized. */
const DEPTH = 2;
const MAX_DEFAULT = 8;

interface Waiting {
  readonly job: Job;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface Hand {
  readonly worker: Worker;
  readonly jobs: Map<number, Waiting>;
}

/** A worker takes longer to start than so few pictures take to decode. */
const FEW = 64;

/** How many workers decode so many pictures, where nobody says: one fewer than there are cores, 1 to 8; none for few pictures. */
export function workersFor(pictures: number): number {
  return pictures < FEW ? 0 : Math.min(Math.max(availableParallelism() - 1, 1), MAX_DEFAULT);
}

/** Decodes pictures in workers. */
export class Decoders implements AsyncDisposable {
  readonly #wanted: number;
  #start: Promise<void> | undefined;
  readonly #hands: Hand[] = [];
  readonly #queue: Waiting[] = [];
  #next = 0;
  #here = 0;
  #isDisposed = false;
  /** Why the calling thread decodes; undefined where workers do, or nothing was asked for yet. */
  fallback: string | undefined;

  /** @param workers how many; 0: the calling thread decodes */
  constructor(workers: number) {
    this.#wanted = workers;
  }

  /**
   * Does a job.
   * @throws as `perform`; DataError `DISPOSED` after the pool was disposed of
   */
  async do(job: Job): Promise<Answer> {
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

  /** How many jobs are in hand at once: more need not be asked for. */
  get parallel(): number {
    return Math.max(this.#wanted, 1) * DEPTH;
  }

  /** Ends the workers after the jobs in hand; what has not begun is rejected. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#start?.catch(() => undefined);
    for (const { job, reject } of this.#queue.splice(0)) {
      reject(new DataError('DISPOSED', `image "${job.file}": its data was disposed of`));
    }
    const ended = this.#hands.map(
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
    // On the main thread first: with glibc, shared libraries that a worker loads are unloaded with it.
    await loadSharp(file);
    for (let i = 0; i < this.#wanted; i++) {
      try {
        this.#hands.push(this.#started(startWorker()));
      } catch (error) {
        this.fallback = messageOf(error);
        return;
      }
    }
  }

  #started(worker: Worker): Hand {
    const hand: Hand = { worker, jobs: new Map() };
    worker.unref();
    worker.on('message', (reply: Reply) => {
      const waiting = hand.jobs.get(reply.id);
      hand.jobs.delete(reply.id);
      if (hand.jobs.size === 0 && !this.#isDisposed) worker.unref();
      if ('answer' in reply) waiting?.resolve(reply.answer);
      else waiting?.reject(errorOf(reply.error));
      this.#serve();
    });
    let reason = 'the worker ended';
    worker.on('error', (error) => (reason = messageOf(error)));
    worker.once('exit', () => this.#lose(hand, reason));
    return hand;
  }

  /** What a worker had in hand when it ended is done by others, or here. */
  #lose(hand: Hand, reason: string): void {
    const at = this.#hands.indexOf(hand);
    if (at >= 0) this.#hands.splice(at, 1);
    if (this.#isDisposed && hand.jobs.size === 0) return;
    this.fallback = reason;
    this.#queue.unshift(...hand.jobs.values());
    this.#serve();
  }

  #serve(): void {
    while (this.#queue.length > 0) {
      const hand = this.#hands
        .filter(({ jobs }) => jobs.size < DEPTH)
        .reduce<Hand | undefined>(
          (a, b) => (a === undefined || b.jobs.size < a.jobs.size ? b : a),
          undefined,
        );
      if (hand !== undefined) this.#give(hand);
      else if (this.#hands.length === 0 && this.#here < DEPTH) void this.#doHere();
      else return;
    }
  }

  #give({ worker, jobs }: Hand): void {
    const waiting = this.#queue.shift();
    if (waiting === undefined) return;
    const id = this.#next++;
    jobs.set(id, waiting);
    worker.ref();
    worker.postMessage({ id, job: waiting.job }, []);
  }

  async #doHere(): Promise<void> {
    const waiting = this.#queue.shift();
    if (waiting === undefined) return;
    this.#here++;
    try {
      waiting.resolve(await perform(waiting.job));
    } catch (error) {
      waiting.reject(error);
    }
    this.#here--;
    this.#serve();
  }
}
