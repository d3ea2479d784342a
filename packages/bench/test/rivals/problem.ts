// Writes a network with weights and a batch as files for a rival, and computes the expected results with isonet.
import type { Device, ImageClassifier, Model, Tensors } from '@isonet/core';
import {
  encodeSafetensors,
  float32,
  he,
  initialize,
  int32,
  Predictor,
  sgd,
  sizeOf,
  stateOf,
  Trainer,
} from '@isonet/core';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { networkFile } from '../../src/network.ts';
import type { OpenRequest, OptimizerSettings } from '../../src/protocol.ts';
import type { Work } from '../../src/report.ts';

/** The files, and the tensors in them. */
export interface Problem {
  readonly model: Model;
  readonly batch: number;
  readonly files: Pick<OpenRequest, 'network' | 'weights' | 'data' | 'batch'>;
  readonly weights: Tensors;
  readonly data: { readonly images: ReturnType<typeof float32>; readonly labels: ReturnType<typeof int32> };
}

/** SGD with a weight decay large enough to matter within a few steps. */
export const optimizer: OptimizerSettings = { lr: 0.05, momentum: 0.9, nesterov: false, weightDecay: 0.1 };

/** Writes the files. Weights, biases and statistics differ from the initial values of any library. */
export async function writeProblem(
  folder: string,
  model: ImageClassifier,
  batch: number,
  work: Work,
): Promise<Problem> {
  const { parameters, buffers } = stateOf(model);
  const random = generator();
  const around = (center: number, shape: readonly number[]) =>
    float32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => center + (random() - 0.5) / 4),
    );
  const weights: Tensors = {
    ...initialize(parameters, he, 1),
    ...Object.fromEntries(
      parameters.flatMap(({ name, shape, role }) =>
        role === 'weight' ? [] : [[name, around(role === 'bias' ? 0 : 1, shape)]],
      ),
    ),
    ...Object.fromEntries(buffers.map(({ name, shape, initial }) => [name, around(initial, shape)])),
  };
  const shape = [batch, ...model.input.shape];
  const images = float32(shape, Float32Array.from({ length: sizeOf(shape) }, random));
  const classes = model.output.shape[0];
  const labels = int32(
    [batch],
    Int32Array.from({ length: batch }, (_, i) => (i * 3 + 1) % classes),
  );
  const files = {
    batch,
    network: join(folder, 'network.json'),
    weights: join(folder, 'weights.safetensors'),
    data: join(folder, 'data.safetensors'),
  };
  await writeFile(files.network, JSON.stringify(networkFile(model, work)));
  await writeFile(files.weights, encodeSafetensors(weights));
  await writeFile(files.data, encodeSafetensors({ images, labels }));
  return { model, batch, files, weights, data: { images, labels } };
}

/** Writes weights that are NaN. @returns the path of the file */
export async function writeNaN(folder: string, { weights }: Problem): Promise<string> {
  const file = join(folder, 'nan.safetensors');
  const entries = Object.entries(weights).map(
    ([name, { shape }]) => [name, float32(shape, new Float32Array(sizeOf(shape)).fill(NaN))] as const,
  );
  await writeFile(file, encodeSafetensors(Object.fromEntries(entries)));
  return file;
}

/** Creates a generator of numbers in [0, 1), the same each time. */
function generator(): () => number {
  let state = 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** Computes the logits in inference mode. */
export async function expectedLogits(
  device: Device,
  { model, weights, data }: Problem,
): Promise<ArrayLike<number>> {
  const state = await device.createState(weights);
  await using predictor = new Predictor({ model, device, state });
  return (await predictor.predict(data.images)).data;
}

/** Computes the losses of the first steps. */
export async function expectedLosses(
  device: Device,
  { model, weights, data }: Problem,
  steps: number,
  settings: OptimizerSettings,
): Promise<readonly number[]> {
  const { lr, ...rest } = settings;
  await using trainer = await Trainer.create({
    model,
    device,
    optimizer: sgd(rest),
    values: weights,
    seed: 0,
  });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const read = await trainer.step({ inputs: data.images, labels: data.labels }, step, lr);
    losses.push((await read()).loss);
  }
  return losses;
}
