// The forms of fit's options.
import type { Form, Forms } from '../../arguments/forms.ts';
import { callback, fieldsOf, flag, isText, oneOf, optional, ranges } from '../../arguments/forms.ts';
import { objects } from '../../arguments/objects.ts';
import { STEP } from '../stepPrograms.ts';
import type { EarlyStopping } from './earlyStopping.ts';
import type { FitOptions } from './options.ts';

/** Infinity is allowed and means never. */
const seconds: Form = {
  text: ranges.from0.text,
  fits: (value) => value === Infinity || ranges.from0.fits(value),
};

const EARLY_STOPPING: Forms<EarlyStopping> = {
  patience: ranges.count,
  monitor: optional({ text: 'loss or the name of a metric', fits: isText }),
  mode: optional(oneOf(['min', 'max'])),
  minDelta: optional(ranges.from0),
};

export const FIT: Forms<FitOptions> = {
  ...STEP,
  train: objects.dataset,
  validation: optional(objects.dataset),
  test: optional(objects.dataset),
  epochs: ranges.countFrom0,
  batchSize: ranges.count,
  schedule: objects.schedule,
  initializer: objects.initializer,
  seed: ranges.seed,
  dropLast: optional(flag),
  prefetch: optional(ranges.countFrom0),
  earlyStopping: optional(fieldsOf(EARLY_STOPPING)),
  resume: optional(objects.checkpoint),
  trainer: optional(objects.trainer),
  signal: optional(objects.signal),
  reopen: optional(callback),
  snapshotSeconds: optional(seconds),
  weights: optional(objects.tensors),
  partialWeights: optional(flag),
  onWeights: optional(callback),
  onStart: optional(callback),
  onStep: optional(callback),
  onEpoch: optional(callback),
  onSnapshot: optional(callback),
};
