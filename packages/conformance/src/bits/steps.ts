// Five training steps of a small network, whose results backends record bit for bit.
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
} from '@isonet/core';

const STEPS = 5;
const BATCH = 8;
const LR = 0.05;

/**
 * A network of 6,582 parameters. It has both kinds of pooling, and 1x1, 3x3 and strided convolutions, some with a
 * bias and some with batch norm. Max pooling meets ties (the zeros of ReLU) in overlapping windows.
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

/** The results of the steps. */
export interface Steps {
  /** The plan id of the step program: equal ids promise equal bits. */
  readonly id: string;
  readonly losses: readonly number[];
  /** Parameters, buffers and slots after the last step. */
  readonly tensors: Tensors;
}

/** Trains for five steps from He's initial weights, seed 0, with momentum and weight decay. */
export async function trainSteps(device: Device): Promise<Steps> {
  await using trainer = await Trainer.create({
    model: network,
    device,
    optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
    values: initialize(stateOf(network).parameters, he, 0),
    seed: 0,
  });
  const { plan } = await trainer.prepare(BATCH);
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const read = await trainer.step(batchAt(step), step, LR);
    losses.push((await read()).loss);
  }
  return { id: plan.id, losses, tensors: await trainer.snapshot() };
}

function batchAt(step: number): Batch {
  const images = uniformBlock(0, streamKey('bits images'), step, 0, BATCH * 144);
  const labels = uniformBlock(0, streamKey('bits labels'), step, 0, BATCH);
  const [classes] = network.output.shape;
  return {
    inputs: float32([BATCH, ...network.input.shape], images),
    labels: int32(
      [BATCH],
      Int32Array.from(labels, (u) => Math.floor(u * classes)),
    ),
  };
}
