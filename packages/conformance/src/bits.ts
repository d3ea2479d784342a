// Five training steps of a small network, down to the bit. Each backend keeps a recording of them: a change to the order
// of its sums that does not reach the plans of its programs turns the comparison red. Needs Node.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import type { Batch, Device, ImageClassifier, Tensors } from '@isonet/core';
import {
  avgPool2d,
  conv2d,
  dense,
  dropout,
  flatten,
  float32,
  he,
  initialize,
  int32,
  maxPool2d,
  parallel,
  sequential,
  sgd,
  stateOf,
  streamKey,
  Trainer,
  uniformBlock,
  vectorFeatures,
} from '@isonet/core';
import { numberAt } from './check/compare.ts';

export interface Bits {
  /** Of the program that makes a step: equal ids promise equal bits. */
  readonly id: string;
  /** {@link digestOf} parameters, buffers and slots after the last step. */
  readonly digest: string;
  readonly losses: readonly number[];
}

/** A backend's bits.json: the bits, and where they came from. */
export interface BitsRecording extends Bits {
  readonly backend: string;
  readonly device: string;
  readonly node: string;
  /** {@link thisMachine}, or `any` where every machine gives the same bits. */
  readonly machine: string;
}

/** Rounding grows over five steps: different kernels leave these losses up to 1e-6 apart. */
const LOSS_TOLERANCE = 1e-4;
const STEPS = 5;
const BATCH = 8;
const LR = 0.05;

/**
 * 6,582 parameters. Max pooling meets ties (the zeros of ReLU) in windows that overlap; there are both kinds of pooling,
 * convolutions with a bias and with batch norm, 1x1, 3x3 and strided.
 */
const network: ImageClassifier = {
  name: 'bits',
  input: { name: 'images', shape: [1, 12, 12] },
  output: { name: 'logits', shape: [10] },
  layer: sequential({
    stem: conv2d(8, { kernel: 3, padding: 1, batchNorm: true, activation: 'relu' }),
    pool: maxPool2d({ kernel: 3, stride: 2, padding: 1 }),
    branches: parallel({
      narrow: conv2d(8, { kernel: 1, activation: 'relu' }),
      wide: sequential({
        reduce: conv2d(4, { kernel: 1, activation: 'relu' }),
        conv: conv2d(8, { kernel: 3, padding: 1, activation: 'relu' }),
      }),
      largest: maxPool2d({ kernel: 3, stride: 1, padding: 1 }),
      mean: avgPool2d({ kernel: 3, stride: 1, padding: 1 }),
    }),
    strided: conv2d(16, { kernel: 3, stride: 2, padding: 1, batchNorm: true, activation: 'relu' }),
    dropout: dropout(0.25),
    flatten: flatten(),
    dense: dense(10),
  }),
};

export async function trainedBits(device: Device): Promise<Bits> {
  const { id, losses, tensors } = await trained(device);
  return { id, digest: digestOf(tensors), losses };
}

/**
 * Trains on a fresh state: He's weights, seed 0, momentum and weight decay. Needs no Node.
 * @returns with `tensors`, the parameters, buffers and slots after the last step
 */
export async function trained(device: Device): Promise<Omit<Bits, 'digest'> & { readonly tensors: Tensors }> {
  await using trainer = await Trainer.create({
    model: network,
    device,
    optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
    values: initialize(stateOf(network).parameters, he, 0),
    seed: 0,
  });
  const {
    plan: { id },
  } = await trainer.prepare(BATCH);
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const read = await trainer.step(batchAt(step), step, LR);
    losses.push((await read()).loss);
  }
  return { id, losses, tensors: await trainer.snapshot() };
}

/** sha256 over names and bytes, ordered by name. */
export function digestOf(tensors: Tensors): string {
  const hash = createHash('sha256');
  for (const [name, { data }] of Object.entries(tensors).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

/**
 * What is wrong with today's bits, or undefined. On the machine of the recording, the id and the digest must be the recorded
 * ones. Another machine may choose other kernels: there the losses must agree.
 */
export function complaint(recorded: BitsRecording, now: BitsRecording): string | undefined {
  if (now.machine !== recorded.machine) {
    const apart =
      now.losses.length === recorded.losses.length
        ? Math.max(...now.losses.map((loss, i) => Math.abs(loss / numberAt(recorded.losses, i) - 1)))
        : Infinity;
    if (apart <= LOSS_TOLERANCE) return undefined;
    return `expected the losses ${recorded.losses.join(', ')} within ${LOSS_TOLERANCE}, got ${now.losses.join(', ')}`;
  }
  const same = now.digest === recorded.digest;
  if (now.id !== recorded.id) {
    return `the id of the step changed, the bits ${same ? 'did not' : 'did too'}: if that is intended, record again with RECORD_BITS=1`;
  }
  return obstacle(recorded, now);
}

/**
 * Why today's bits cannot be recorded, or undefined: they changed, and the id of the step does not tell. A backend whose
 * kernels are code keeps the digest in a file of its own, which is part of its ids.
 */
export function obstacle(recorded: BitsRecording, now: BitsRecording): string | undefined {
  if (now.machine !== recorded.machine || now.id !== recorded.id || now.digest === recorded.digest) {
    return undefined;
  }
  return `the bits changed (${now.digest}, recorded ${recorded.digest}) and the id of the step did not: it must cover what changed them; put the new digest into src/bits.ts, where there is one`;
}

/** What decides which kernels a library chooses: platform, processor, threads and, on Linux, instruction sets. */
export function thisMachine(): string {
  const { platform, arch } = process;
  const features = platform === 'linux' ? vectorFeatures(readFileSync('/proc/cpuinfo', 'utf8')) : [];
  const processor = cpus()[0]?.model ?? 'unknown processor';
  return [`${platform} ${arch}`, processor, `${availableParallelism()} threads`, ...features].join(', ');
}

function batchAt(step: number): Batch {
  const images = uniformBlock(0, streamKey('bits images'), step, 0, BATCH * 144);
  const labels = uniformBlock(0, streamKey('bits labels'), step, 0, BATCH);
  return {
    inputs: float32([BATCH, ...network.input.shape], images),
    labels: int32(
      [BATCH],
      Int32Array.from(labels, (u) => Math.floor(u * network.output.shape[0])),
    ),
  };
}
