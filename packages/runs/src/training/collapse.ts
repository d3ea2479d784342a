// Networks that no longer tell images apart, though every number is finite: measured on the outputs, whatever the task's metrics say.
import type { Dataset, Device, ImageClassifier, Task, Tensors } from '@isonet/core';
import { asFloat32, isClassification, Predictor, predictedClasses, sizeOf } from '@isonet/core';
import type { Collapse } from '../folder/record.ts';
import type { RunPlans } from './programs.ts';

/** As many as an evaluation has in a batch, so that its program and plan are those that there are. */
const IMAGES = 256;

/** What {@link collapseOf} runs, and on what. */
export interface CollapseInput {
  readonly model: ImageClassifier;
  readonly task: Task;
  readonly device: Device;
  readonly plans: RunPlans;
}

/** How a network fails to tell up to 256 images apart, undefined where it does tell some apart. */
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
    // To the bit: rounding alone tells inputs apart while anything of them is left.
    if (values.every((value, i) => value === values[i % size])) return 'output';
    if (!isClassification(task) || new Set(predictedClasses(output)).size > 1) return undefined;
    const loss = asFloat32(losses).reduce((sum, one) => sum + one, 0) / count;
    return loss > 2 * entropyOf(batch.labels.data) ? 'diverged' : 'class';
  } finally {
    await predictor[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
  }
}

/** The loss of the classes' own frequencies as the answer to every image, the best of all answers that are always the same. */
function entropyOf(labels: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => {
    const part = count / labels.length;
    return sum - part * Math.log(part);
  }, 0);
}
