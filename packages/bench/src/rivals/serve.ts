// What the rivals in JavaScript share: JSON lines on stdin and stdout, the files, and the clock. protocol.py is its twin.
import type { TensorOf, Tensors } from '@isonet/core';
import { decodeSafetensors, messageOf, sameShape, wanted } from '@isonet/core';
import { readFile, stat } from 'node:fs/promises';
import type { NetworkFile } from '../network.ts';
import type { Answers, OpenRequest, Request, Timed } from '../protocol.ts';

/** Far above what the bench writes: whatever is longer is not from it. */
const MAX_LINE = 2 ** 16;
const MAX_FILE = 2 ** 31;

/** A network that is built and holds the weights. */
export interface Candidate {
  /** For people. */
  readonly text: string;
  /** One forward pass or training step, its result read by the host; of a step, the loss. */
  run(): Promise<number | undefined>;
  /** The logits of the batch in inference mode by the loaded weights, whatever steps have changed since. */
  logits(): Promise<ArrayLike<number>>;
  /** What multiplies two float32 matrices `[size, size]` and waits for the product. */
  product(size: number): Promise<() => Promise<unknown>>;
  /** Of the device, at most so far; undefined where the library does not tell. */
  deviceBytes?(): number;
}

/** What an open request names, read. */
export interface Files {
  readonly network: NetworkFile;
  readonly weights: Tensors;
  /** `[N, C, H, W]` */
  readonly images: TensorOf<'float32'>;
  /** `[N]` */
  readonly labels: TensorOf<'int32'>;
}

/** Loads the library, before the clock starts; what it gives builds the candidate. */
export type Make = (request: OpenRequest) => Promise<(files: Files) => Promise<Candidate>>;

/** What a rival cannot do, in one line. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Answers requests until the one to close. */
export async function serve(make: Make): Promise<void> {
  const products = new Map<number, () => Promise<unknown>>();
  const write = process.stdout.write.bind(process.stdout);
  // Libraries that print would break the protocol.
  process.stdout.write = process.stderr.write.bind(process.stderr);
  let candidate: Candidate | undefined;
  for await (const line of lines(process.stdin.setEncoding('utf8'))) {
    let closing = false;
    let answer: Answers[Request['do']] | { readonly error: string };
    try {
      const request = JSON.parse(line) as Request;
      if (request.do === 'open') {
        [candidate, answer] = await open(make, request);
      } else if (request.do === 'close') {
        [closing, answer] = [true, {}];
      } else if (candidate) {
        answer = await answerOf(candidate, request, products);
      } else {
        throw new Refusal(`expected "open" first, got "${request.do}"`);
      }
    } catch (error) {
      answer = { error: oneLine(error) };
    }
    await new Promise<void>((resolve) => {
      write(`${JSON.stringify(answer)}\n`, () => resolve());
    });
    if (closing) process.exit(0); // A library may hold the process open.
  }
}

async function open(make: Make, request: OpenRequest): Promise<[Candidate, Answers['open']]> {
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
  return [candidate, { text: candidate.text, firstMilliseconds, ...(loss === undefined ? {} : { loss }) }];
}

async function answerOf(
  candidate: Candidate,
  request: Exclude<Request, { readonly do: 'open' | 'close' }>,
  products: Map<number, () => Promise<unknown>>,
): Promise<Answers[Request['do']]> {
  if (request.do === 'check') return { logits: Array.from(await candidate.logits()) };
  const { count } = request;
  if (!(Number.isInteger(count) && count >= 1)) throw new Refusal(`count: expected at least 1, got ${count}`);
  if (request.do === 'run') return timed(count, () => candidate.run());
  const { size } = request;
  const known = products.get(size);
  const multiply = known ?? (await candidate.product(size));
  products.set(size, multiply);
  if (!known) await multiply(); // The first one compiles.
  return timed(count, async () => {
    await multiply();
    return undefined;
  });
}

async function timed(count: number, run: () => Promise<number | undefined>): Promise<Timed> {
  const milliseconds: number[] = [];
  let loss: number | undefined;
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    loss = await run();
    milliseconds.push(performance.now() - start);
  }
  return { milliseconds, ...(loss === undefined ? {} : { loss }) };
}

async function read(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > MAX_FILE) throw new Refusal(`${path}: expected at most ${MAX_FILE} bytes, got ${size}`);
  return readFile(path);
}

async function* lines(input: AsyncIterable<unknown>): AsyncGenerator<string> {
  let text = '';
  for await (const chunk of input) {
    text += String(chunk);
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      yield text.slice(0, end);
      text = text.slice(end + 1);
    }
    if (text.length > MAX_LINE) throw new Refusal(`expected requests of at most ${MAX_LINE} characters`);
  }
}

function oneLine(error: unknown): string {
  return messageOf(error).trim().split('\n', 1).join();
}
