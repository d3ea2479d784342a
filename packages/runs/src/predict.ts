// Predicts the classes of images with the weights of a run.
import type { Device } from '@isonet/core';
import {
  asFloat32,
  defined,
  inferenceBatchSize,
  NonFiniteError,
  permutation,
  Predictor,
  softmax,
} from '@isonet/core';
import { tensorOf } from './data/inMemory.ts';
import type { ModelData } from './data/modelData.ts';
import type { TrainedModel } from './trainedModel.ts';

/** An image to classify. */
export interface Subject {
  readonly name: string;
  /** `[channels, height, width]`, bytes */
  readonly pixels: Uint8Array;
  /** Its true class, if it is known. */
  readonly truth?: string;
}

/** A class and its probability. */
export interface Guess {
  /** The name of the class. */
  readonly class: string;
  /** In [0, 1]. */
  readonly probability: number;
}

/** An image with its most probable classes. */
export interface Prediction extends Subject {
  /** The three most probable classes, or all if there are fewer, in descending order. */
  readonly guesses: readonly Guess[];
}

/** A network with weights, its class names and its preprocessing. */
export type Predicting = Pick<TrainedModel, 'model' | 'weights' | 'classes' | 'preprocessing'>;

/**
 * Predicts the classes of images in inference mode, at most 256 at a time.
 * @returns one prediction per subject, in the same order
 * @throws NonFiniteError naming the first image whose output contains NaN or an infinity
 * @throws DataError `IMAGE_SHAPE` if the pixels are not complete images of the model's shape; any error of the device
 */
export async function predictAll(
  { model, weights, classes, preprocessing }: Predicting,
  device: Device,
  subjects: readonly Subject[],
): Promise<readonly Prediction[]> {
  const state = await device.createState(weights);
  const predictor = new Predictor({ model, device, state });
  const predictions: Prediction[] = [];
  const batch = inferenceBatchSize(model);
  try {
    for (let first = 0; first < subjects.length; first += batch) {
      const part = subjects.slice(first, first + batch);
      const bytes = Buffer.concat(part.map(({ pixels }) => pixels));
      const [k] = model.output.shape;
      const logits = asFloat32(await predictor.predict(tensorOf(bytes, model.input.shape, preprocessing)));
      part.forEach((subject, i) => {
        const row = logits.subarray(i * k, (i + 1) * k);
        const bad = row.find((value) => !Number.isFinite(value));
        if (bad !== undefined) {
          throw new NonFiniteError(
            `${subject.name}: the network's output contains ${bad}: its weights are too large; train it again with a lower learning rate`,
          );
        }
        predictions.push({ ...subject, guesses: bestOf(row, classes) });
      });
    }
    return predictions;
  } finally {
    await predictor[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
  }
}

/**
 * Returns the first `wanted` test images with their classes, or all if there are fewer. If the data is sorted by class,
 * draws that many images with a fixed seed instead.
 */
export async function firstOf(
  { test, isSorted }: Pick<ModelData, 'test' | 'isSorted'>,
  wanted: number,
): Promise<readonly Subject[]> {
  const all = isSorted
    ? permutation(0, 'predict', 0, test.length)
    : Uint32Array.from({ length: test.length }, (_, i) => i);
  const subjects: Subject[] = [];
  for (const i of all.subarray(0, wanted)) {
    const truth = className(test.classes, defined(test.labels[i], `label ${i}`));
    const name = test.names?.[i] ?? `test image ${i + 1}`;
    subjects.push({ name, pixels: await test.pixels([i]), truth });
  }
  return subjects;
}

function bestOf(logits: Float32Array, classes: readonly string[]): readonly Guess[] {
  return softmax(logits)
    .map((probability, k) => ({ class: className(classes, k), probability }))
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, 3);
}

/** Returns the name of a class. @throws GraphError for an index out of range */
export function className(classes: readonly string[], index: number): string {
  return defined(classes[index], `the name of class ${index}`);
}
