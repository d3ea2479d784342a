// Describes a run's data for run.json.
import { FASHION_MNIST_CLASSES } from '@isonet/data';
import type { RunData, RunRecord } from '../folder/record.ts';
import type { ModelData } from './modelData.ts';
import type { TrainingImages } from './parts.ts';

/** Returns the class names of a run. */
export function classNamesOf({
  data: { classes = FASHION_MNIST_CLASSES },
}: Pick<RunRecord, 'data'>): readonly string[] {
  return classes;
}

/** Builds the data entry of run.json. */
export function describeData(data: ModelData, { train, validation }: TrainingImages): RunData {
  const { classes } = data.train;
  return {
    ...data.source,
    train: train.length,
    ...(validation ? { validation: validation.length } : {}),
    test: data.test.length,
    ...(classes === FASHION_MNIST_CLASSES ? {} : { classes }),
    sha256: data.train.sha256,
    testSha256: data.test.sha256,
  };
}
