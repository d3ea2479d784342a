// isonet as a candidate: runs steps with Trainer and forward passes with Predictor, as users do, on one device.
import { readFile } from 'node:fs/promises';
import type { Device, Program, State, Tensor, Tensors } from '@isonet/core';
import { decodeSafetensors, defined, float32, GraphBuilder, Predictor, sgd, Trainer } from '@isonet/core';
import type { BackendEntry, RunContext } from '@isonet/runs';
import { externalBackend, onThisThread, openDevice, probe } from '@isonet/runs';
import type { Checked, Closed, Opened, OpenRequest, ProductRequest, RunRequest, Timed } from '../protocol.ts';
import type { Subject, SubjectRequest } from '../subject.ts';
import { buildSubject } from '../subject.ts';
import type { Candidate } from './serve.ts';
import { answerRequests } from './serve.ts';

/** The argument of an isonet candidate, in addition to the requests that every candidate receives. */
export interface IsonetSpec extends SubjectRequest {
  /** A name in the table, a package, or a path. */
  readonly backend: string;
}

/** Returns the entry of the table, or that of an external backend. @throws UsageError, BackendError as `externalBackend` does */
export async function backendEntry(
  { backends, cwd }: Pick<RunContext, 'backends' | 'cwd'>,
  name: string,
): Promise<BackendEntry> {
  const known = backends.map((entry) => entry.name);
  return backends.find((entry) => entry.name === name) ?? (await externalBackend(name, cwd, known));
}

/**
 * Serves isonet as a candidate of a benchmark, over stdin and stdout, until the request to close.
 * @param context the same tables as those of the bench, so that names have the same meaning
 * @param spec the last argument that the bench passes to the program
 */
export async function serveCandidate(context: RunContext, spec: string): Promise<void> {
  await answerRequests(isonetCandidate(context, JSON.parse(spec) as IsonetSpec));
}

/** An open device with the work to run on it. */
interface Session {
  readonly device: Device;
  /** Does one run, and reads its result. @returns the loss of a step */
  readonly run: () => Promise<number | undefined>;
  readonly logits: () => Promise<Tensor>;
  readonly products: Map<number, Promise<Product>>;
}

interface Product {
  readonly program: Program;
  readonly state: State;
}

function isonetCandidate(context: RunContext, spec: IsonetSpec): Candidate {
  let session: Session | undefined;
  const open = (): Session => defined(session, 'an open candidate');
  return {
    open: async (request): Promise<Opened> => {
      const subject = await buildSubject(context, spec);
      const named = await backendEntry(context, spec.backend);
      // As users run them: predictions on this thread, training in a worker.
      const entry = request.work === 'forward' ? onThisThread(named) : named;
      const { tensors: weights } = decodeSafetensors(await readFile(request.weights), request.weights);
      const { tensors: data } = decodeSafetensors(await readFile(request.data), request.data);
      const { device: id, threads, tf32 } = request;
      // Rivals import their libraries before their clock starts, so isonet also loads its runtime first.
      await probe(entry);
      const began = performance.now();
      const { device } = await openDevice([entry], {
        backend: entry.name,
        ...(id === null ? {} : { device: id }),
        ...(threads === null ? {} : { threads }),
        // Pass the option only on request, because a backend without it rejects it.
        ...(tf32 ? { tf32 } : {}),
      });
      session = await (request.work === 'forward' ? forwardSession : stepSession)(device, {
        subject,
        request,
        weights,
        images: tensor(data, 'images'),
        labels: tensor(data, 'labels'),
      });
      const loss = await session.run();
      const firstMilliseconds = performance.now() - began;
      return { text: device.info.text, firstMilliseconds, ...(loss === undefined ? {} : { loss }) };
    },
    check: async (): Promise<Checked> => ({ logits: Array.from((await open().logits()).data) }),
    run: async ({ count }: RunRequest): Promise<Timed> => timed(count, open().run),
    product: async ({ size, count }: ProductRequest): Promise<Timed> => {
      const { device, products } = open();
      const made = products.get(size) ?? makeProduct(device, size);
      products.set(size, made);
      const { program, state } = await made;
      return timed(count, async () => {
        await program.run(state, {}).read(['corner']);
        return undefined;
      });
    },
    close: async (): Promise<Closed> => {
      await session?.device[Symbol.asyncDispose]();
      return {};
    },
  };
}

interface Parts {
  readonly subject: Subject;
  readonly request: OpenRequest;
  readonly weights: Tensors;
  readonly images: Tensor;
  readonly labels: Tensor;
}

async function forwardSession(
  device: Device,
  { subject: { model }, weights, images }: Parts,
): Promise<Session> {
  const predictor = new Predictor({ model, device, state: await device.createState(weights) });
  const logits = (): Promise<Tensor> => predictor.predict(images);
  const run = async (): Promise<undefined> => {
    await logits();
  };
  return { device, run, logits, products: new Map() };
}

async function stepSession(device: Device, parts: Parts): Promise<Session> {
  const { subject, request, weights, images, labels } = parts;
  const { lr, ...optimizer } = request.optimizer;
  const { model } = subject;
  const trainer = await Trainer.create({
    model,
    device,
    optimizer: sgd(optimizer),
    values: weights,
    seed: 0,
  });
  const batch = { inputs: images, labels };
  let steps = 0;
  const run = async (): Promise<number> => {
    const read = await trainer.step(batch, steps++, lr);
    return (await read()).loss;
  };
  // Use a separate state, because the first step has changed the weights of the trainer.
  const logits = async (): Promise<Tensor> => {
    await using state = await device.createState(weights);
    await using predictor = new Predictor({ model, device, state });
    return await predictor.predict(images);
  };
  return { device, run, logits, products: new Map() };
}

/** Times each run separately, including reading its result. @throws Error if the last loss is not finite */
async function timed(count: number, run: () => Promise<number | undefined>): Promise<Timed> {
  const milliseconds: number[] = [];
  let loss: number | undefined;
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    loss = await run();
    milliseconds.push(performance.now() - began);
  }
  if (loss === undefined) return { milliseconds };
  if (!Number.isFinite(loss)) throw new Error(`its loss became ${loss}`);
  return { milliseconds, loss };
}

/**
 * Compiles a product of two matrices that stay on the device. The result also stays there, as state, and only one element of it is read,
 * so that the time is that of the product and not of the transfer of a million values.
 */
async function makeProduct(device: Device, size: number): Promise<Product> {
  const shape = [size, size];
  const b = new GraphBuilder('product');
  const [x, y] = [b.state('x', { dtype: 'float32', shape }), b.state('y', { dtype: 'float32', shape })];
  b.state('product', { dtype: 'float32', shape });
  const product = b.op.matMul(x, y, { transposeA: false, transposeB: false });
  b.update('product', product);
  b.output('corner', b.op.slice(product, { starts: [0, 0], sizes: [1, 1] }));
  const values = (scale: number): Tensor =>
    float32(
      shape,
      Float32Array.from({ length: size * size }, (_, i) => ((i % 7) - 3) * scale),
    );
  const state = await device.createState({ x: values(0.5), y: values(0.25), product: float32(shape) });
  return { program: await device.compile(b.build()), state };
}

function tensor(tensors: Tensors, name: string): Tensor {
  return defined(tensors[name], `the tensor "${name}" of the data`);
}
