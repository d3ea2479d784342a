// Detects networks that no longer distinguish images although all their values are finite. It examines the outputs,
// independently of the task's metrics.
import type { Dataset, Device, ImageClassifier, Task, Tensors } from '@isonet/core';
import { asFloat32, isClassification, Predictor, predictedClasses, sizeOf } from '@isonet/core';
import type { Collapse } from '../folder/record.ts';
import type { RunPlans } from './programs.ts';

/** The batch size of evaluations, so that their program and plan can be reused. */
const IMAGES = 256;

/** The input of {@link collapseOf}. */
export interface CollapseInput {
  readonly model: ImageClassifier;
  readonly task: Task;
  readonly device: Device;
  readonly plans: RunPlans;
}

/** Returns how a network fails to distinguish up to 256 images, or undefined if it distinguishes some of them. */
export async function collapseOf(
  { model, task, device, plans }: CollapseInput,
  weights: Tensors,
  images: Dataset,
): Promise<Collapse | undefined> {
  const count = Math.min(IMAGES, images.length);
  if (count === 1) return undefined;
  const state = await device.createState(weights);
  const predictor = new Predictor({ model, task, device, state, plans: plans.data });
  try {
    const batch = await images.batch(Uint32Array.from({ length: count }, (_, index) => index));
    const { output, losses } = await predictor.losses(batch);
    const size = sizeOf(model.output.shape);
    const values = asFloat32(output);
    // Compare exactly: as long as any part of the input reaches the output, rounding makes the values differ.
    if (values.every((value, i) => value === values[i % size])) return 'output';
    if (!isClassification(task) || new Set(predictedClasses(output)).size > 1) return undefined;
    const loss = asFloat32(losses).reduce((sum, one) => sum + one, 0) / count;
    return loss > 2 * entropyOf(batch.labels.data) ? 'diverged' : 'class';
  } finally {
    await predictor[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
  }
}

/** Returns the loss of the best constant answer: predicting the class frequencies for every image. */
function entropyOf(labels: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => {
    const part = count / labels.length;
    return sum - part * Math.log(part);
  }, 0);
}
