// The shared part of the rivals in JavaScript: answers requests of the bench, reads the files, and measures times. protocol.py is its
// counterpart in Python.
import type { TensorOf, Tensors } from '@isonet/core';
import { decodeSafetensors, messageOf, sameShape, wanted } from '@isonet/core';
import { readFile, stat } from 'node:fs/promises';
import type { NetworkFile } from '../network.ts';
import type { Candidate } from '../candidates/serve.ts';
import { answerRequests } from '../candidates/serve.ts';
import type { Answers, OpenRequest, ProductRequest, Timed } from '../protocol.ts';

/** Far above the size of any file of the bench. */
const MAX_FILE = 2 ** 31;

/** A network with its weights loaded. */
export interface RivalCandidate {
  /** A description for people. */
  readonly text: string;
  /** Does one forward pass or training step, whose result the host reads. @returns the loss of a step */
  run(): Promise<number | undefined>;
  /** Computes the logits of the batch in inference mode, with the weights as loaded, even if steps have run since. */
  logits(): Promise<ArrayLike<number>>;
  /** Returns a function that multiplies two float32 matrices `[size, size]` and waits for the product. */
  product(size: number): Promise<() => Promise<unknown>>;
}

/** The contents of the files in a request to open. */
export interface Files {
  readonly network: NetworkFile;
  readonly weights: Tensors;
  /** `[N, C, H, W]` */
  readonly images: TensorOf<'float32'>;
  /** `[N]` */
  readonly labels: TensorOf<'int32'>;
}

/** Loads the library before the clock starts. The function that it returns builds the candidate. */
export type Make = (request: OpenRequest) => Promise<(files: Files) => Promise<RivalCandidate>>;

/** The error for a request that a rival does not support, in one line. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Answers requests until the request to close, or the end of the input. */
export async function serve(make: Make): Promise<void> {
  await answerRequests(answersOf(make));
  // A library may keep the process alive.
  process.exit(0);
}

/** Rejects TF32, which no rival in JavaScript supports. @throws Refusal */
export function checkNoTf32(name: string, { tf32 }: OpenRequest): void {
  if (tf32) throw new Refusal(`${name}: TF32 is not supported; leave out --tf32, or this rival`);
}

/** Formats a number of threads: `1 thread`, `2 threads` */
export function threadsText(count: number): string {
  return count === 1 ? '1 thread' : `${count} threads`;
}

function answersOf(make: Make): Candidate {
  const products = new Map<number, () => Promise<unknown>>();
  let candidate: RivalCandidate | undefined;
  const opened = (what: string): RivalCandidate => {
    if (!candidate) throw new Refusal(`expected "open" first, got "${what}"`);
    return candidate;
  };
  return {
    open: inOneLine(async (request) => {
      const [built, answer] = await open(make, request);
      candidate = built;
      return answer;
    }),
    check: inOneLine(async (request) => ({ logits: finite(await opened(request.do).logits()) })),
    run: inOneLine((request) => {
      const running = opened(request.do);
      return timed(request.count, () => running.run());
    }),
    product: inOneLine((request) => timeProduct(opened(request.do), request, products)),
    close: () => Promise.resolve({}),
  };
}

/** Reduces an error of a library to its first line, which names the problem. */
function inOneLine<A, B>(answer: (request: A) => Promise<B>): (request: A) => Promise<B> {
  return async (request) => {
    try {
      return await answer(request);
    } catch (cause) {
      throw new Refusal(messageOf(cause).trim().split('\n', 1).join(), { cause });
    }
  };
}

async function open(make: Make, request: OpenRequest): Promise<[RivalCandidate, Answers['open']]> {
  const network = JSON.parse((await read(request.network)).toString()) as NetworkFile;
  const weights = decodeSafetensors(await read(request.weights), request.weights).tensors;
  const data = decodeSafetensors(await read(request.data), request.data).tensors;
  const { images, labels } = data;
  if (images?.dtype !== 'float32' || images.shape.length !== 4 || images.shape[0] !== request.batch) {
    throw new Refusal(`${request.data}: expected images float32 [${request.batch}, C, H, W]`);
  }
  if (labels?.dtype !== 'int32' || !sameShape(labels.shape, [request.batch])) {
    throw new Refusal(`${request.data}: expected labels int32 [${request.batch}]`);
  }
  for (const { name, shape } of network.state)
    wanted(weights, name, { dtype: 'float32', shape }, request.weights);
  const build = await make(request);
  const start = performance.now();
  const candidate = await build({ network, weights, images, labels });
  const loss = await candidate.run();
  const firstMilliseconds = performance.now() - start;
  return [candidate, { text: candidate.text, firstMilliseconds, ...lossOf(loss) }];
}

async function timeProduct(
  candidate: RivalCandidate,
  { size, count }: ProductRequest,
  products: Map<number, () => Promise<unknown>>,
): Promise<Timed> {
  const known = products.get(size);
  const multiply = known ?? (await candidate.product(size));
  products.set(size, multiply);
  if (!known) await multiply(); // The first call compiles.
  return timed(count, async () => {
    await multiply();
    return undefined;
  });
}

async function timed(count: number, run: () => Promise<number | undefined>): Promise<Timed> {
  if (!(Number.isInteger(count) && count >= 1)) throw new Refusal(`count: expected at least 1, got ${count}`);
  const milliseconds: number[] = [];
  let loss: number | undefined;
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    loss = await run();
    milliseconds.push(performance.now() - start);
  }
  return { milliseconds, ...lossOf(loss) };
}

/** Returns the loss for an answer. @throws Refusal if it is not finite, because JSON has no NaN and no infinity */
function lossOf(loss: number | undefined): { readonly loss?: number } {
  if (loss === undefined) return {};
  if (!Number.isFinite(loss)) throw new Refusal('the loss is not finite');
  return { loss };
}

function finite(logits: ArrayLike<number>): readonly number[] {
  const values = Array.from(logits);
  if (!values.every(Number.isFinite)) throw new Refusal('the logits are not finite');
  return values;
}

async function read(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > MAX_FILE) throw new Refusal(`${path}: expected at most ${MAX_FILE} bytes, got ${size}`);
  return readFile(path);
}
